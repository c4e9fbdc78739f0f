"""Which settings can be learned beside θ: scalar meta-parameters of plasticity and of the kicks."""

from typing import Literal

Scalar = Literal[
    "plasticity.learning_rate",
    "plasticity.clip",
    "plasticity.baseline_exponent",
    "plasticity.baseline_decay",
    "plasticity.trace_decay",
    "plasticity.eligibility_time_ms",
    "plasticity.weight_time_ms",
    "plasticity.weight_linear",
    "plasticity.weight_quadratic",
    "perturbation.size",
    "perturbation.rate_per_ms",
    "perturbation.noise",
]
"""Keys of the settings, which say what each is."""

SIGNED = ("plasticity.weight_linear", "plasticity.weight_quadratic")
"""Those that may be zero or negative."""

RATE = "perturbation.rate_per_ms"
"""How often kicks come: the one that has no derivative."""

OF_KIND = {"perturbation.size": "kicks", RATE: "kicks", "perturbation.noise": "noise"}
"""The kind of perturbation that each of its settings is of."""

MOST = 8
"""A learned rate of kicks reaches four times its start, and evolution is given candidates twice as often."""
