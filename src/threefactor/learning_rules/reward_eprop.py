"""Reward-modulated e-prop: e-prop with an error that the rule estimates from the reward.

    L = W_out^T (R - R_bar) z / (steps exploration²)        z ~ N(0, exploration²), added to each output

stands in the place of W_out^T dR/dy (`threefactor.learning_rules.exploration`); all else is symmetric e-prop
(`threefactor.learning_rules.eprop`), which is the mean update. Bellec et al. (2020) give e-prop a reward by a policy and
a critic that values each time step; here the policy is normal around the response, and the critic is the running reward
of the trial type. With random feedback it is reward-modulated RFLO.
"""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from threefactor.contract import Feedback, Network, Surroundings, Trajectory
from threefactor.learning_rules import local_gradient
from threefactor.learning_rules.local_gradient import LocalGradient, ascend

LABEL = "reward-modulated e-prop"

INFORMATION = "perturbation"

SOURCE = "Bellec et al. 2020; Williams 1992"

EXPLORES = "outputs"

SETTINGS = {
    "learning_rate": {"default": 0.06, "above": 0, "unit": "no unit", "meaning": "step"},
    "exploration": {
        "default": 0.5,
        "above": 0,
        "unit": "in units of the output",
        "meaning": "standard deviation of the noise on outputs",
    },
    "feedback": {
        "default": "symmetric",
        "choices": ("random", "symmetric"),
        "meaning": "weights from the error to the units: fixed and random, or those of the readout",
    },
}

TUNED = {"learning_rate": (0.1, 10.0), "exploration": (0.3, 3.0)}


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
