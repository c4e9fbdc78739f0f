"""Follow a batch of networks under one learning rule to a horizon, and put into tables what was found."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import torch
from torch import Tensor

from threefactor.contract import Network
from threefactor.experiment import build
from threefactor.experiment.learned import RuleUnder
from threefactor.experiment.train_batch import CHUNK
from threefactor.experiment.work import Loop, Work
from threefactor.training.followed_run import FollowedRun, Plan, follow, is_followed, start_following


def plan(settings: Any, name: str) -> Plan:
    """Return what is looked at while networks learn by a rule of this name."""
    wanted = settings.retrain
    horizon = wanted.horizons[name] if name in wanted.horizons else wanted.horizon  # noqa: SIM401 (a view)
    snapshots = tuple(trial for trial in wanted.snapshots if trial <= horizon)
    return plan_to(settings, horizon, wanted.levels, snapshots)


def plan_to(settings: Any, horizon: int, levels: Sequence[float], snapshots: Sequence[int] = ()) -> Plan:
    """Return what is looked at while networks learn to a horizon, at these levels and snapshots."""
    evaluated = evaluation_trials(horizon, settings.retrain.evaluation_spacing, snapshots)
    return Plan(horizon, build.criterion(settings), tuple(levels), evaluated, tuple(snapshots))


def evaluation_trials(horizon: int, spacing: float, also: Sequence[int]) -> tuple[int, ...]:
    """List the trials after which networks are evaluated: each later than the last by a share of it, at least by one."""
    found, last = {0, horizon, *also}, 0
    while last < horizon:
        found.add(last)
        last += max(1, round(spacing * last))
    return tuple(sorted(found))


def follow_batch(
    work: Work, one: RuleUnder, network: Network, wanted: Plan, *, purpose: str, batch: int
) -> FollowedRun:
    """Let a batch of networks learn by a rule to the horizon.

    Parameters
    ----------
    work
        Runs the loop.
    one
        The learning rule, and the settings under which it runs.
    network
        b networks with their initial weights.
    wanted
        What is looked at.
    purpose, batch
        What the noise is for, and the number of the batch; both decide every trial.
    """
    environment, noise = build.environment(one.settings), build.noise(work.settings, purpose, batch)

    def some_trials(run: FollowedRun) -> FollowedRun:
        return follow(run, one.rule, network, environment, wanted, CHUNK, generator=noise)

    loop = Loop(
        state=start_following(one.rule, network, environment, wanted),
        step=some_trials,
        is_finished=lambda run: is_followed(run, wanted),
        done=lambda run: run.learner.trials,
        total=wanted.horizon,
        unit="trials of learning",
        metrics=lambda run: _curve_point(run, wanted),
    )
    return work.run(loop)


def network_table(ids: Sequence[int], run: FollowedRun, wanted: Plan) -> pd.DataFrame:
    """Return a row per network: the criterion, and how good it was at the end of learning."""
    window, limit = wanted.criterion.window, wanted.criterion.horizon
    reached = (run.criterion_trial >= 0) & (run.criterion_trial <= limit)
    trials = (~run.error.isnan()).sum(1)
    last = {
        name: torch.stack([along[b, max(0, int(n) - window) : int(n)].mean() for b, n in enumerate(trials)])
        for name, along in (("error_last", run.error), ("accuracy_last", run.correct))
    }
    at_end = [last_known(part) for part in (run.found.error, run.found.correct)]
    columns = {
        "reached": reached,
        "trials_to_criterion": torch.where(reached, run.criterion_trial, limit),
        **last,
        "noise_free_error": at_end[0],
        "noise_free_accuracy": at_end[1],
        "trials": trials,
        "diverged": run.diverged,
    }
    found = {name: values.cpu().numpy() for name, values in columns.items()}
    return pd.DataFrame({"network": list(ids), **found})


def level_table(ids: Sequence[int], run: FollowedRun, wanted: Plan) -> pd.DataFrame:
    """Return a row per network and level: when it was crossed first, and the noise-free error then."""
    index = {trial: e for e, trial in enumerate(wanted.evaluations)}
    followed = (~run.error.isnan()).sum(1).tolist()
    rows = []
    for b, number in enumerate(ids):
        for place, level in enumerate(wanted.levels):
            trial = int(run.levels.trial[b, place])
            error = run.found.error[b, index[trial]].item() if trial >= 0 else float("nan")
            rows.append((number, level, trial >= 0, trial if trial >= 0 else followed[b], error))
    return pd.DataFrame(rows, columns=["network", "level", "crossed", "trials", "error"])


def evaluation_table(ids: Sequence[int], run: FollowedRun, wanted: Plan) -> pd.DataFrame:
    """Return a row per network and evaluation."""
    columns = {name: part.flatten().cpu().numpy() for name, part in run.found._asdict().items()}
    count = len(wanted.evaluations)
    return pd.DataFrame(
        {
            "network": [number for number in ids for _ in range(count)],
            "trial": list(wanted.evaluations) * len(ids),
            **columns,
        }
    ).rename(columns={"correct": "accuracy"})


def last_known(values: Tensor) -> Tensor:
    """Return the last value of each row (b e) that is not NaN."""
    known = ~values.isnan()
    last = known.shape[1] - 1 - known.flip(1).int().argmax(1)
    return values.gather(1, last[:, None])[:, 0]


def _curve_point(run: FollowedRun, wanted: Plan) -> dict[str, float]:
    """Return a point of the learning curve: of the batch at its last evaluation."""
    done = run.learner.trials
    e = max(place for place, trial in enumerate(wanted.evaluations) if trial <= done)
    shares = (run.levels.trial >= 0).double().mean(0).tolist()
    return {
        "noise_free_error": run.found.error[:, e].nanmedian().item(),
        "accuracy": run.found.correct[:, e].nanmean().item(),
        "fraction_at_criterion": (run.criterion_trial >= 0).double().mean().item(),
        **{f"fraction_at_level.{level:g}": share for level, share in zip(wanted.levels, shares, strict=True)},
        "networks_diverged": float(run.diverged.sum()),
    }
