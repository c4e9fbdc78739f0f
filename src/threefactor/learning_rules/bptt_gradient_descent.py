"""Gradient ascent on the reward of each trial by backpropagation through time, as it is: without Adam.

    update = clip(learning_rate dR/dW, ±clip)

It has BPTT's gradient and no memory, so that what differs between it and BPTT is the optimiser, and what differs between
it and RFLO or e-prop the part of the gradient that a synapse can know. The clip is ours.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from torch import Tensor

from threefactor.contract import Feedback, Network, Surroundings, Trajectory
from threefactor.network.bptt import reward_gradient

LABEL = "BPTT, gradient descent"

INFORMATION = "gradient"

LOCAL = False

SOURCE = "Werbos 1990"

SETTINGS = {
    "learning_rate": {"default": 0.03, "above": 0, "unit": "no unit", "meaning": "step"},
}

TUNED = {"learning_rate": (0.1, 10.0), "plasticity.clip": (0.3, 3.0)}


class GradientDescent(NamedTuple):
    """Parameters of gradient descent."""

    learning_rate: float
    clip: float  # largest change of a weight in one trial


def parameters(settings: Mapping[str, Any], surroundings: Surroundings) -> GradientDescent:
    """Return the parameters: the rule's own step, and the clip of plasticity."""
    return GradientDescent(settings["learning_rate"], surroundings.clip)


def init(params: GradientDescent, network: Network) -> tuple[()]:
    """Return the memory: there is none."""
    return ()


def update(
    params: GradientDescent,
    network: Network,
    memory: tuple[()],
    trajectory: Trajectory,
    feedback: Feedback,
) -> tuple[Tensor, tuple[()]]:
    """Return the weight update of one trial; b i j."""
    gradient = reward_gradient(network, trajectory, feedback.output_gradient)
    return (params.learning_rate * gradient).clamp(-params.clip, params.clip), memory
