"""REINFORCE (Williams 1992): outputs explore with noise, and the network is taken back through time exactly.

The response of a trial is the action of a policy that is normal around the mean output over the response window, Y:

    a      = Y + z        z ~ N(0, exploration²) of each output, held over the window, and the reward is that of a
    update = clip(learning_rate (R - R_bar) z / exploration² . dY/dW, ±clip)

z / exploration² . dY/dW is the gradient of the log-probability of a. The rule knows the reward, its own noise and the
whole network, but not the target: beside BPTT it parts a reward from an error, and beside reward-modulated e-prop a rule
that is not local from one that is (Kononov 2025, arXiv:2510.11162). The clip is ours.
"""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from threefactor.contract import Feedback, Network, Surroundings, Trajectory
from threefactor.learning_rules.exploration import Explorer, output_gradient
from threefactor.network.bptt import reward_gradient

LABEL = "REINFORCE"

INFORMATION = "perturbation"

LOCAL = False

SOURCE = "Williams 1992"

EXPLORES = "outputs"

SETTINGS = {
    "learning_rate": {"default": 0.02, "above": 0, "unit": "no unit", "meaning": "step"},
    "exploration": {
        "default": 0.7,
        "above": 0,
        "unit": "in units of the output",
        "meaning": "standard deviation of the noise on outputs",
    },
}

TUNED = {"learning_rate": (0.1, 10.0), "exploration": (0.3, 3.0)}


def parameters(settings: Mapping[str, Any], surroundings: Surroundings) -> Explorer:
    """Return the parameters: the rule's own step and noise, and the clip of plasticity."""
    return Explorer(settings["learning_rate"], settings["exploration"], surroundings.clip)


def init(params: Explorer, network: Network) -> tuple[()]:
    """Return the memory: there is none."""
    return ()


def update(
    params: Explorer, network: Network, memory: tuple[()], trajectory: Trajectory, feedback: Feedback
) -> tuple[Tensor, tuple[()]]:
    """Return the weight update of one trial; b i j."""
    gradient = reward_gradient(network, trajectory, output_gradient(params.exploration, feedback))
    return (params.learning_rate * gradient).clamp(-params.clip, params.clip), memory
