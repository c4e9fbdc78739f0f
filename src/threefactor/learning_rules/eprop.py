"""Symmetric e-prop (Bellec et al. 2020): local eligibilities, errors fed back by the weights of the readout.

For leaky rate units its eligibility is that of RFLO (`threefactor.learning_rules.local_gradient` has the equations), and
what differs is the feedback alone: here a unit hears of the output's error by as much as it drives the output directly,
so that the update is BPTT's gradient without what goes through the recurrent weights. With readout 'unit' the output unit
alone drives the output: symmetric feedback reaches only the synapses onto it. Random feedback in its place is RFLO.
The clip is ours: without it fewer networks learn.
"""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from threefactor.contract import Feedback, Network, Surroundings, Trajectory
from threefactor.learning_rules import local_gradient
from threefactor.learning_rules.local_gradient import LocalGradient, ascend

LABEL = "e-prop"

INFORMATION = "error"

SOURCE = "Bellec et al. 2020"

SETTINGS = {
    "learning_rate": {
        "default": 0.3,
        "above": 0,
        "unit": "no unit",
        "meaning": "step: 0.03 suits random and 0.3 symmetric feedback",
    },
    "feedback": {
        "default": "symmetric",
        "choices": ("random", "symmetric"),
        "meaning": "weights from the error to the units: fixed and random, or those of the readout",
    },
}

TUNED = {"learning_rate": (0.1, 10.0), "plasticity.clip": (0.3, 3.0)}


def parameters(settings: Mapping[str, Any], surroundings: Surroundings) -> LocalGradient:
    """Return the parameters; see `threefactor.learning_rules.local_gradient.parameters`."""
    return local_gradient.parameters(settings, surroundings)


def init(params: LocalGradient, network: Network) -> tuple[()]:
    """Return the memory: there is none."""
    return ()


def update(
    params: LocalGradient, network: Network, memory: tuple[()], trajectory: Trajectory, feedback: Feedback
) -> tuple[Tensor, tuple[()]]:
    """Return the weight update of one trial; b i j."""
    return ascend(params, network, trajectory, feedback), memory
