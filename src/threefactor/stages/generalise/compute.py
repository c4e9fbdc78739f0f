"""Measure what networks do beyond what they were trained on: under other conditions at each level, and on the next task.

Networks are those that crossed a level of error, with the weights that they had then.  At ``analyse.level`` the trained
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
from threefactor.stages.generalise.conditions import errors
from threefactor.stages.generalise.tables import TABLES
from threefactor.training.batch import select
from threefactor.training.evaluation import evaluate
from threefactor.training.followed_run import FollowedRun, follow, start_following

Columns = dict[str, Tensor]


def compute(work: Work) -> Results:
    """Measure one batch.  Output: ``networks`` (a row per network and level)."""
    settings = under_gain(work.settings, int(work.wildcards["batch"]))
    name, arrays = work.wildcards["learning_rule"], work.arrays("solutions")
    own = with_constants(settings, name, work.by("tuned", "tuned_rule").get(name))
    parts = [_at_level(work, own, arrays, level) for level in settings.retrain.levels]
    whole = pd.concat(parts).sort_values("network", kind="stable", ignore_index=True)
    return Results({"networks": whole.reindex(columns=TABLES["networks"].names())})


def _at_level(work: Work, own: Any, arrays: Columns, level: float) -> pd.DataFrame:
    """Measure the networks at one level under a rule's own settings, a row for each network of the batch."""
    place = list(own.retrain.levels).index(level)
    crossed, columns = arrays["level.trial"][:, place] >= 0, Columns()
    if crossed.any():
        under = rule_under(own, work.wildcards["learning_rule"], tables(work), work.device).settings
        before, trained = (
            network_of(arrays, when, own.network.activation, at)
            for when, at in (("initial", None), ("level", place))
        )
        columns = {key: values[crossed] for key, values in errors(under, trained).items()}
        if level == own.analyse.level:
            columns |= _next_task(work, own, select(before, crossed), select(trained, crossed))
    ids = list(ids_of_batch(work, own.retrain.networks))
    found = {key: values.double().cpu().numpy() for key, values in columns.items()}
    places = crossed.nonzero()[:, 0].tolist()
    table = pd.DataFrame(found, index=pd.Index([ids[at] for at in places], dtype=int))
    return table.reindex(ids).rename_axis("network").reset_index().assign(level=level)


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
