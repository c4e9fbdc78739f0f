"""Rows of the tables of one snapshot: alignment, similarity and descent."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

import pandas as pd
from torch import Tensor

from threefactor.analysis.gradients.line_search import step_along
from threefactor.analysis.gradients.update_alignment import across_blocks, align
from threefactor.contract import Feedback, Network
from threefactor.experiment import build, build_plasticity
from threefactor.experiment.work import Work
from threefactor.learning_rules.third_factor import Constants, slopes
from threefactor.training.environment import Environment

ALL = "all"
"""Stands for all trial types together."""

WEIGHTED = "weighted"
"""All, the gradient of each type weighted by the gate's slope where reward and baseline are the mean reward."""

GRADIENT = "gradient"

RENAMED = {"standard_error": "cosine_standard_error", "other_signal": "gradient_signal"}
"""Columns of ``alignment`` by the name of the field of `update_alignment.Alignment`, where they differ."""


class Snapshot(NamedTuple):
    """Networks of a batch at one snapshot."""

    network: Network
    columns: dict[str, Tensor]  # network, snapshot, trial; b each
    number: int


def alignment(
    work: Work,
    updates: Mapping[str, Tensor],
    gradient: Tensor,
    reward: Tensor,
    at: Snapshot,
    mixing: Collection[str],
) -> pd.DataFrame:
    """Return a row per compared rule, trial type and network.

    Parameters
    ----------
    work
        The job.
    updates
        Expected updates n y b i j by rule.
    gradient
        Expected gradient of the reward, n y b i j.
    reward
        Mean reward, y b.
    at
        Networks and snapshot.
    mixing
        Rules whose update in trials of one type depends on past trials of others, and is not of that type.
    """
    trial_types = build.task(work.settings).trial_types
    weighted = _gate_weight(work, reward)[..., None, None] * gradient
    frames = []
    for name, update in updates.items():
        rows = {ALL: (update.mean(1), gradient.mean(1), reward.mean(0))}
        if name not in mixing:
            rows[WEIGHTED] = (update.mean(1), weighted.mean(1), reward.mean(0))
            rows |= {one: (update[:, y], gradient[:, y], reward[y]) for y, one in enumerate(trial_types)}
        for trial_type, (u, v, earned) in rows.items():
            norm = _norm(u.mean(0)) / _norm(at.network.weights)
            columns = {**align(u, v)._asdict(), "update_norm": norm, "reward": earned}
            frames.append(_frame(at, columns).assign(compared=name, trial_type=trial_type))
    return pd.concat(frames, ignore_index=True).rename(columns=RENAMED)


def _gate_weight(work: Work, reward: Tensor) -> Tensor:
    """Return the slope of the gate, per learning rate, where reward and baseline are the mean reward; y b."""
    plasticity = work.settings.plasticity
    shape = build_plasticity.gate_shape(work.settings)
    constants = Constants(1.0, plasticity.clip, plasticity.baseline_exponent, 1.0, 0, shape)
    return slopes(constants, Feedback(reward, reward, reward))[0]


def similarity(updates: Mapping[str, Tensor], at: Snapshot) -> pd.DataFrame:
    """Return a row per pair of rules and network, the updates being n b i j."""
    known, frames = list(updates), []
    for place, first in enumerate(known[:-1]):
        u = updates[first].flatten(2)
        for second in known[place + 1 :]:
            v = updates[second].flatten(2)
            size = u.mean(0).norm(dim=1) * v.mean(0).norm(dim=1)
            cosine = (u.mean(0) * v.mean(0)).sum(1) / size
            columns = {"cosine": cosine, "overlap": across_blocks(u, v) / size}
            frames.append(_frame(at, columns).assign(first=first, second=second))
    return pd.concat(frames, ignore_index=True)


def descent(
    work: Work, environment: Environment, update: Tensor, gradient: Tensor, at: Snapshot
) -> pd.DataFrame:
    """Return a row per direction, length and network; update and gradient are n y b i j."""
    chosen = work.settings.align
    source = build.noise(work.settings, "align descent", int(work.wildcards["batch"]), at.number)
    frames = []
    for name, parts in {work.wildcards["learning_rule"]: update, GRADIENT: gradient}.items():
        direction, lengths = parts.mean((0, 1)), chosen.descent_steps
        steps = step_along(
            at.network, direction, lengths, environment, chosen.descent_trials, generator=source
        )
        for s, length in enumerate(lengths):
            columns = {field: value[s] for field, value in steps._asdict().items()}
            frames.append(_frame(at, columns).assign(direction=name, step=length))
    return pd.concat(frames, ignore_index=True)


def _frame(at: Snapshot, columns: Mapping[str, Tensor]) -> pd.DataFrame:
    """Return a table with a row per network."""
    return pd.DataFrame({name: value.cpu().numpy() for name, value in (at.columns | dict(columns)).items()})


def _norm(weights: Tensor) -> Tensor:
    return weights.flatten(1).norm(dim=1)
