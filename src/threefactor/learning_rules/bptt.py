"""Gradient ascent on the reward of each trial by backpropagation through time, with Adam (Kingma & Ba 2015)."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor

from threefactor.contract import Feedback, Network, Surroundings, Trajectory
from threefactor.network.bptt import reward_gradient

LABEL = "BPTT"

INFORMATION = "gradient"

LOCAL = False

SOURCE = "Werbos 1990; Kingma & Ba 2015"

MIXES_TRIAL_TYPES = True  # Adam's moments are those of all trials

SETTINGS = {
    "learning_rate": {"default": 1e-3, "above": 0, "unit": "no unit", "meaning": "step of Adam"},
    "first_decay": {
        "default": 0.9,
        "at_least": 0,
        "below": 1,
        "unit": "per trial",
        "meaning": "decay of Adam's mean gradient",
    },
}

TUNED = {"learning_rate": (0.1, 10.0), "first_decay": (0.3, 1.1)}


class Bptt(NamedTuple):
    """Parameters of Adam."""

    learning_rate: float
    first_decay: float  # beta_1
    second_decay: float  # beta_2
    floor: float  # epsilon


class Moments(NamedTuple):
    """What Adam remembers."""

    first: Tensor  # b i j
    second: Tensor  # b i j
    updates: Tensor  # b, how many there were


def parameters(settings: Mapping[str, Any], surroundings: Surroundings) -> Bptt:
    """Return the parameters: the rule's own learning rate and first decay, and Adam's usual constants."""
    return Bptt(settings["learning_rate"], settings["first_decay"], 0.999, 1e-8)


def init(params: Bptt, network: Network) -> Moments:
    """Return zero moments."""
    zeros = torch.zeros_like(network.weights)
    return Moments(zeros, zeros, torch.zeros(len(zeros), dtype=zeros.dtype, device=zeros.device))


def update(
    params: Bptt, network: Network, memory: Moments, trajectory: Trajectory, feedback: Feedback
) -> tuple[Tensor, Moments]:
    """Return the weight update of one trial; b i j."""
    gradient = reward_gradient(network, trajectory, feedback.output_gradient)
    first = params.first_decay * memory.first + (1 - params.first_decay) * gradient
    second = params.second_decay * memory.second + (1 - params.second_decay) * gradient**2
    updates = memory.updates + 1
    first_mean = first / (1 - params.first_decay**updates)[:, None, None]
    second_mean = second / (1 - params.second_decay**updates)[:, None, None]
    return params.learning_rate * first_mean / (second_mean.sqrt() + params.floor), Moments(
        first, second, updates
    )
