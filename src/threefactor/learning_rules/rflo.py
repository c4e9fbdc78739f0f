"""Random feedback local online learning (Murray 2019): local eligibilities, errors fed back by fixed random weights.

For leaky rate units its eligibility is that of e-prop (`threefactor.learning_rules.local_gradient` has the equations),
and what differs is the feedback alone: here the weights from the output's error to the units are drawn once and never
change, so that no unit needs to know the readout. It can work where a readout that learns comes to agree with it.
Murray's output reads the filtered rates, for which an eligibility filters slope times rate; ours reads the rates.
Murray's readout learns from its own error; with readout 'unit' the synapses onto the output unit are that readout, so
the unit gets its own error, while all others get the random feedback (a random weight in its place would by its sign
decide whether the network can learn). A fixed 'random' readout cannot come to agree with the feedback.

With symmetric feedback the rule is symmetric e-prop, and with readout 'unit' it reaches only the synapses onto the
output unit. The clip is ours: without it fewer networks learn.
"""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from threefactor.contract import Feedback, Network, Surroundings, Trajectory
from threefactor.learning_rules import local_gradient
from threefactor.learning_rules.local_gradient import LocalGradient, ascend

LABEL = "RFLO"

INFORMATION = "error"

SOURCE = "Murray 2019"

SETTINGS = {
    "learning_rate": {
        "default": 0.03,
        "above": 0,
        "unit": "no unit",
        "meaning": "step: 0.03 suits random and 0.3 symmetric feedback",
    },
    "feedback": {
        "default": "random",
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
