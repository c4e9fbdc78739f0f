"""Which settings can be meta-learned together with θ, and what each of them needs."""

from typing import Literal

from threefactor.experiment.rule_classes import GATE_SHAPE, WEIGHT_DEPENDENCE

Hyperparameter = Literal[
    "plasticity.learning_rate",
    "plasticity.clip",
    "plasticity.baseline_exponent",
    "plasticity.baseline_decay",
    "plasticity.trace_decay",
    "plasticity.eligibility_time_ms",
    "plasticity.weight_time_ms",
    "plasticity.momentum",
    "plasticity.update_size",
    "plasticity.deviation_mean_ms",
    "plasticity.deviation_rms_ms",
    "plasticity.deviation_floor",
    "plasticity.deviation_bound",
    "plasticity.weight_linear",
    "plasticity.weight_quadratic",
    "plasticity.gate_error",
    "plasticity.gate_error_squared",
    "plasticity.gate_baseline",
    "plasticity.gate_baseline_squared",
    "perturbation.size",
    "perturbation.rate_per_ms",
    "perturbation.noise",
]
"""Settings that can be meta-learned together with θ."""

SIGNED = (*WEIGHT_DEPENDENCE, *GATE_SHAPE)
"""Hyperparameters that may be zero or negative."""

RATE = "perturbation.rate_per_ms"
"""How often sparse perturbations come: the hyperparameter that has no derivative."""

OF_KIND = {"perturbation.size": "sparse", RATE: "sparse", "perturbation.noise": "gaussian"}
"""The kind of perturbation that a hyperparameter belongs to."""

OF_DEVIATION = {
    "plasticity.deviation_mean_ms": ("standardised",),
    "plasticity.deviation_rms_ms": ("normalised", "standardised"),
    "plasticity.deviation_floor": ("normalised", "standardised"),
    "plasticity.deviation_bound": ("normalised", "standardised"),
}
"""The deviations that a hyperparameter belongs to."""

MOST = 8
"""A learned rate reaches four times its start, and evolution is given candidates twice as often."""
