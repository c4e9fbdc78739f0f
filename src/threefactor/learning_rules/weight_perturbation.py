"""Weight perturbation (Jabri & Flower 1992): try other weights in each trial, and keep what was rewarded.

    trial with W + noise        noise ~ N(0, exploration²) of each synapse
    update = clip(learning_rate (R - R_bar) noise / exploration², ±clip)

It is evolution of the weights by strategies with a baseline, one individual at a time (Salimans et al. 2017), and sees
neither activity nor time: the control that explores as many dimensions as there are synapses. The clip is ours.
"""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from threefactor.contract import Feedback, Network, Surroundings, Trajectory
from threefactor.learning_rules.exploration import Explorer, weight_gradient

LABEL = "weight perturbation"

INFORMATION = "perturbation"

SOURCE = "Jabri & Flower 1992"

EXPLORES = "weights"

SETTINGS = {
    "learning_rate": {"default": 3e-4, "above": 0, "unit": "no unit", "meaning": "step"},
    "exploration": {
        "default": 0.014,
        "above": 0,
        "unit": "in units of a weight",
        "meaning": "standard deviation of the noise on weights",
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
    gradient = weight_gradient(params.exploration, feedback) * ~network.clamped[:, None]
    return (params.learning_rate * gradient).clamp(-params.clip, params.clip), memory
