"""Measure what networks do beyond what they were trained on: longer delays, other noise, the next task.

Networks are those that crossed the level of error ``analyse.level``, with the weights that they had then.  The trained
network learns the next task by the same rule. So does, with the same noise, that network as it was before any learning.
"""

from typing import Any

import pandas as pd
import torch
from torch import Tensor

from threefactor.contract import Network
from threefactor.experiment import build
from threefactor.experiment.constants import with_constants
from threefactor.experiment.follow_batch import plan_to
from threefactor.experiment.learned import RuleUnder, rule_under, tables
from threefactor.experiment.retrained_batches import under_gain
from threefactor.experiment.solutions import network_of
from threefactor.experiment.train_batch import ids_of_batch
from threefactor.experiment.work import Results, Work
from threefactor.network.simulate import simulate
from threefactor.stages.generalise.tables import TABLES
from threefactor.tasks.reward import mean_error
from threefactor.training.batch import select
from threefactor.training.environment import Environment, Task, experience
from threefactor.training.evaluation import evaluate
from threefactor.training.followed_run import FollowedRun, follow, start_following

Columns = dict[str, Tensor]


def compute(work: Work) -> Results:
    """Measure one batch.  Output: ``networks`` (a row per network)."""
    settings = under_gain(work.settings, int(work.wildcards["batch"]))
    name, arrays = work.wildcards["learning_rule"], work.arrays("solutions")
    place = list(settings.retrain.levels).index(settings.analyse.level)
    crossed = (arrays["level.trial"][:, place] >= 0).nonzero()[:, 0]
    activation = settings.network.activation
    before, trained = (
        select(network_of(arrays, when, activation, at), crossed)
        for when, at in (("initial", None), ("level", place))
    )
    own = with_constants(settings, name, work.by("tuned", "tuned_rule").get(name))
    columns: Columns = {}
    if len(crossed):
        under = rule_under(own, name, tables(work), work.device).settings
        columns = {**_errors(under, trained), **_next_task(work, own, before, trained)}
    found = {key: values.double().cpu().numpy() for key, values in columns.items()}
    ids = ids_of_batch(work, settings.retrain.networks)
    table = pd.DataFrame(found, index=pd.Index([ids[at] for at in crossed.tolist()], dtype=int))
    whole = table.reindex(list(ids)).rename_axis("network").reset_index()
    return Results({"networks": whole.reindex(columns=TABLES["networks"].names())})


def _errors(settings: Any, network: Network) -> Columns:
    """Return errors without learning: as trained, at a longer delay, with known and with unseen noise; b each."""
    chosen, environment = settings.generalise, build.environment(settings)
    unseen = settings.changed({"perturbation.kind": "gaussian", "perturbation.noise": chosen.noise})
    found = {
        "error": evaluate(network, environment.task).error,
        "error_known_noise": _noisy_error(settings, environment, network),
        "error_unseen_noise": _noisy_error(settings, build.environment(unseen), network),
    }
    if "delay" in environment.task.periods:
        found["error_longer_delay"] = evaluate(network, _longer(settings, environment)).error
    return found


def _longer(settings: Any, environment: Environment) -> Task:
    """Return the task with a longer delay, which has a whole number of time steps."""
    (onset, end), step = environment.task.periods["delay"], settings.network.time_step_ms
    steps = max(1, round(settings.generalise.delay_factor * (end - onset) / step))
    return build.task(settings.changed({"task.delay_ms": steps * step}))


def _noisy_error(settings: Any, environment: Environment, network: Network) -> Tensor:
    """Return the mean error over trials with noise; b."""
    noise, count = build.noise(settings, "generalise", "noise"), settings.generalise.noise_trials
    total = torch.zeros_like(network.weights[:, 0, 0])
    trials = count * len(environment.task.trial_types)
    for h in range(trials):
        trial, start, perturbation = experience(environment, network, h, generator=noise(h))
        total += mean_error(trial, simulate(network, trial.inputs, start, perturbation).output) / trials
    return total


def _next_task(work: Work, own: Any, before: Network, trained: Network) -> Columns:
    """Let trained and untrained networks learn the next task: when they cross the level; error on the first then.

    The rule is made anew: what it takes from the length of a trial is that of the next task.
    """
    chosen, task = work.settings.generalise, build.task(work.settings)
    if not chosen.next_task:
        return {}
    following = own.changed({"task.name": chosen.next_task})
    other = build.task(following)
    if (other.inputs, other.outputs) != (task.inputs, task.outputs):
        work.log.info("no next task: %s has another number of inputs or outputs", chosen.next_task)
        return {}
    rule = rule_under(following, work.wildcards["learning_rule"], tables(work), work.device)
    runs = {"next": _learned(work, rule, trained), "naive": _learned(work, rule, before)}
    found = {}
    for name, run in runs.items():
        trial = run.levels.trial[:, 0]
        found[f"{name}_crossed"] = (trial >= 0).double()
        found[f"{name}_trials"] = torch.where(trial >= 0, trial, chosen.next_trials)
    return {**found, "error_retained": evaluate(runs["next"].learner.network, task).error}


def _learned(work: Work, one: RuleUnder, network: Network) -> FollowedRun:
    """Let networks learn the task of the settings under which a rule runs."""
    trials = work.settings.generalise.next_trials
    plan = plan_to(one.settings, trials, [work.settings.analyse.level])
    environment, noise = build.environment(one.settings), build.noise(work.settings, "generalise", "next")
    start = start_following(one.rule, network, environment, plan)
    return follow(start, one.rule, network, environment, plan, trials, generator=noise)
