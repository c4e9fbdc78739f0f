"""Search the constants of one learning rule: quasi-random draws, each judged on the same networks and trials.

Every rule has two constants to tune, within the bounds that its file declares, and the same number of draws, networks and
trials.  The objective is the restricted mean of trials to a level of noise-free error, averaged over the levels.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd
import torch
from torch import Tensor

from threefactor import seeding
from threefactor.experiment import build, rules
from threefactor.experiment.constants import like, with_constants
from threefactor.experiment.follow_batch import last_known, plan_to
from threefactor.experiment.learned import rule_under, tables
from threefactor.experiment.train_batch import CHUNK
from threefactor.experiment.view import value_at
from threefactor.experiment.work import Loop, Results, Work
from threefactor.metalearning.draws import between, sobol
from threefactor.training.followed_run import FollowedRun, follow, is_followed, start_following

PURPOSE = "tune"


class Searched(NamedTuple):
    """What the draws so far came to."""

    done: int
    objective: Tensor  # n, NaN of draws to come
    error: Tensor  # n
    diverged: Tensor  # n
    trials: Tensor  # n, that were simulated


def compute(work: Work) -> Results:
    """Try every draw.  Outputs: ``draws`` (a row per draw and constant), ``tuned`` (a row per constant)."""
    settings, rule = work.settings, work.wildcards["tuned_rule"]
    usual = usual_constants(with_constants(settings, rule, None), rule)
    values = draws(settings, rule, usual)
    nothing = torch.full((len(values),), torch.nan, dtype=torch.float64)
    loop = Loop(
        state=Searched(0, *(nothing.clone() for _ in range(4))),
        step=lambda found: _tried(work, found, values[found.done]),
        is_finished=lambda found: found.done == len(values),
        done=lambda found: found.done,
        total=len(values),
        unit="draws",
        metrics=lambda found: {"objective": found.objective[found.done - 1].item()},
    )
    found = work.run(loop)
    best = int(found.objective.argmin())
    tuned = pd.DataFrame(
        {"name": list(usual), "usual": list(usual.values()), "value": list(values[best].values())}
    )
    tuned = tuned.assign(
        usual_objective=found.objective[0].item(),
        objective=found.objective[best].item(),
        draws=len(values),
        networks=settings.tune.networks,
        trials=int(found.trials.sum()),
    )
    return Results({"draws": _draws_table(values, found), "tuned": tuned})


def usual_constants(settings: Any, rule: str) -> dict[str, float]:
    """Return the constants of a rule that are tuned, by dotted key; whole numbers stay whole."""
    return {key: value_at(settings, key) for key in rules.tuned_keys(rule)}


def draws(settings: Any, rule: str, usual: Mapping[str, float]) -> list[dict[str, float]]:
    """Return the usual constants, and scrambled Sobol points between the bounds of the rule, uniform in the logarithm."""
    bounds = rules.tuned_keys(rule)
    seed = seeding.generator(settings.seed, PURPOSE, rule).initial_seed()
    points = sobol(settings.tune.draws - 1, len(usual), seed)
    return [
        dict(usual),
        *(
            {
                key: like(usual[key], between(usual[key], bounds[key], share))
                for key, share in zip(usual, point, strict=True)
            }
            for point in points.tolist()
        ),
    ]


def _tried(work: Work, found: Searched, values: Mapping[str, float]) -> Searched:
    """Let the networks learn with one draw, and write down what came of it."""
    settings, name = work.settings, work.wildcards["tuned_rule"]
    under = with_constants(settings, name, None).changed(values)
    rule, under = rule_under(under, name, tables(work), work.device)
    chosen = settings.tune
    network = build.network(settings, range(chosen.networks), work.device, purpose=PURPOSE)
    plan = plan_to(settings, chosen.trials, settings.retrain.levels)
    environment, noise = build.environment(under), build.noise(settings, PURPOSE)
    run = start_following(rule, network, environment, plan)
    while not (is_followed(run, plan) or _is_settled(run)):
        run = follow(run, rule, network, environment, plan, CHUNK, generator=noise)
    crossed = torch.where(run.levels.trial >= 0, run.levels.trial, chosen.trials)
    at, after = found.done, Searched(found.done + 1, *(part.clone() for part in found[1:]))
    after.objective[at] = crossed.double().mean()
    after.error[at] = last_known(run.found.error).median()
    after.diverged[at] = run.diverged.sum()
    after.trials[at] = run.learner.trials * len(run.diverged)
    return after


def _is_settled(run: FollowedRun) -> bool:
    """Tell whether the objective can no longer change: every network is at every level, or diverged."""
    return bool(((run.levels.trial >= 0).all(1) | run.diverged).all())


def _draws_table(values: list[dict[str, float]], found: Searched) -> pd.DataFrame:
    """Return a row per draw and constant."""
    columns = {name: part.tolist() for name, part in found._asdict().items() if name != "done"}
    return pd.DataFrame(
        [
            {
                "draw": draw,
                "name": key,
                "value": value,
                **{name: part[draw] for name, part in columns.items()},
            }
            for draw, constants in enumerate(values)
            for key, value in constants.items()
        ]
    )
