"""Exploratory Hebb (Hoerzer, Legenstein & Maass 2014): add what was active in a trial whose reward is above its mean.

    M      = 1 where R > R_bar, else 0
    update = clip(learning_rate M dt sum_t m * (x[t+1] - trace[t]) outer r[t], ±clip)

x - trace is what a unit does beyond its running mean, taken for exploration. The rule sees neither perturbations nor how
much better the reward was. Minus the sum is the eligibility of theta_11 (`threefactor.learning_rules.polynomial`).

In the source M says at each time step whether the performance is above its running mean, and the readouts alone learn.
Here a trial has one reward, so that M is that of the trial, as for all other rules, and all units learn. The sum then
holds what a trial does without exploration, too, which M, never negative, does not average away: the rule learns where
states rest but for the perturbations, and does not learn the tasks of this package by itself. The clip is ours.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor

from threefactor.contract import Feedback, Network, Surroundings, Trajectory
from threefactor.kernels import scans

LABEL = "exploratory Hebb"

INFORMATION = "reward"

SOURCE = "Hoerzer, Legenstein & Maass 2014"

SETTINGS = {
    "learning_rate": {
        "default": 1e-5,
        "above": 0,
        "unit": "per ms of eligibility",
        "meaning": "learning rate",
    },
    "trace_decay": {
        "default": 0.1,
        "at_least": 0,
        "below": 1,
        "unit": "per time step",
        "meaning": "decay of the state's running mean",
    },
}

TUNED = {"learning_rate": (0.1, 10.0), "trace_decay": (0.3, 8.0)}


class ExploratoryHebb(NamedTuple):
    """Parameters of exploratory Hebb."""

    learning_rate: float
    trace_decay: float  # per time step
    clip: float  # largest change of a weight in one trial
    time_step: float  # dt, ms
    onset: int  # first step of a trial that counts


def parameters(settings: Mapping[str, Any], surroundings: Surroundings) -> ExploratoryHebb:
    """Return the parameters: the rule's own rate and decay, and the constants of plasticity."""
    return ExploratoryHebb(
        settings["learning_rate"],
        settings["trace_decay"],
        surroundings.clip,
        surroundings.time_step,
        surroundings.onset,
    )


def init(params: ExploratoryHebb, network: Network) -> tuple[()]:
    """Return the memory: there is none, since the trace begins at zero in each trial."""
    return ()


def update(
    params: ExploratoryHebb,
    network: Network,
    memory: tuple[()],
    trajectory: Trajectory,
    feedback: Feedback,
) -> tuple[Tensor, tuple[()]]:
    """Return the weight update of one trial; b i j."""
    start = torch.zeros_like(trajectory.state[:, 0])
    deviation, _ = scans.deviation_scan(trajectory.state, start, params.trace_decay)
    beyond = -deviation[:, params.onset :] * ~network.clamped
    eligibility = params.time_step * beyond.mT @ trajectory.rate[:, params.onset :]
    modulation = (feedback.reward > feedback.baseline).to(eligibility.dtype)
    proposed = params.learning_rate * modulation[:, None, None] * eligibility
    return proposed.clamp(-params.clip, params.clip), memory
