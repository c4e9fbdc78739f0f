"""Node perturbation (Fiete & Seung 2006): correlate the true perturbations with the rates, gated by reward.

    e = dt sum_t leak xi[t] outer r[t]        update = clip(gate e, ±clip)

with the gate of `threefactor.learning_rules.third_factor`. It has access to the perturbations, which no unit can know:
the ceiling of every rule that has to guess them from the deviation.
"""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from threefactor.contract import Feedback, Network, Surroundings, Trajectory
from threefactor.learning_rules.third_factor import Constants, gate

LABEL = "node perturbation"

INFORMATION = "perturbation"

SOURCE = "Fiete & Seung 2006"

SETTINGS = {
    "learning_rate": {
        "default": 1.8e-3,
        "above": 0,
        "unit": "per ms of eligibility",
        "meaning": "learning rate",
    },
}

TUNED = {"learning_rate": (0.1, 10.0), "plasticity.clip": (0.3, 3.0)}


def parameters(settings: Mapping[str, Any], surroundings: Surroundings) -> Constants:
    """Return the parameters: the rule's own learning rate, and the constants of plasticity."""
    return Constants(
        settings["learning_rate"],
        surroundings.clip,
        surroundings.baseline_exponent,
        surroundings.time_step,
        surroundings.onset,
        surroundings.shape,
    )


def init(params: Constants, network: Network) -> tuple[()]:
    """Return the memory: there is none."""
    return ()


def update(
    params: Constants, network: Network, memory: tuple[()], trajectory: Trajectory, feedback: Feedback
) -> tuple[Tensor, tuple[()]]:
    """Return the weight update of one trial; b i j."""
    perturbation = network.leak * trajectory.perturbation[:, params.onset :] * ~network.clamped
    eligibility = params.time_step * perturbation.mT @ trajectory.rate[:, params.onset :]
    proposed = gate(params, feedback)[:, None, None] * eligibility
    return proposed.clamp(-params.clip, params.clip), memory
