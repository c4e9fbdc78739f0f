"""Small float64 networks, trials and rules, with sizes that all differ, and theta that is not symmetric."""

import torch

from threefactor.contract import Experience, GateShape, Network, Normalisation, Rule, Trial
from threefactor.kernels.standardise import Standard
from threefactor.learning_rules import polynomial
from threefactor.learning_rules.polynomial import Polynomial

BATCH, UNITS, STEPS, INPUTS, OUTPUTS, TRIAL_TYPES = 2, 5, 7, 3, 2, 4
DOUBLE = torch.float64

ON = {
    "eligibility_decay": 0.9,
    "weight_decay": 0.01,
    "clip": 0.002,
    "carry_trace": True,
    "baseline_exponent": 1.5,
    "clamped": True,
    "readout": "random",
}
OFF = {
    "eligibility_decay": 1.0,
    "weight_decay": 0.0,
    "clip": float("inf"),
    "carry_trace": False,
    "baseline_exponent": 0.0,
    "clamped": False,
    "readout": "unit",
}
NORMALISED = {"normalisation": Normalisation(0.05, 0.7, 0.8, 1.5)}
GATE_SHAPE = {
    "gate_error": 0.7,
    "gate_error_squared": -1.1,
    "gate_baseline": 0.4,
    "gate_baseline_squared": 0.9,
}

VARIANTS = {
    "all off": OFF,
    "all on": ON,
    **{f"only {name}": {**OFF, name: ON[name]} for name in ON},
    **{f"all but {name}": {**ON, name: OFF[name]} for name in ON},
    "normalised": {**OFF, "standard": Standard(None, 0.7, 0.3)},
    "standardised": {**OFF, "standard": Standard(0.5, 0.7, 0.3)},
    "all on, standardised": {**ON, "standard": Standard(0.4, 0.8, 0.2)},
    "bounded": {**OFF, "standard": Standard(None, 0.7, 0.3, 0.8)},
    "all on, bounded": {**ON, "standard": Standard(0.4, 0.8, 0.2, 0.5)},
    "all on, shaped gate": {**ON, **GATE_SHAPE},
    "only a shaped gate": {**OFF, **GATE_SHAPE},
    "all on, weight-dependent": {**ON, "weight_linear": -1.2, "weight_quadratic": 0.3},
    "momentum": {**OFF, "momentum": 0.6},
    "all on, momentum": {**ON, "momentum": 0.6},
    "normalised updates": {**OFF, **NORMALISED},
    "all on, normalised updates, momentum": {**ON, **NORMALISED, "momentum": 0.6},
}
"""Options of `network` and `rule`: each switched by itself, and those that are no switch."""


def network(options: dict, *, gain: float = 1.2, seed: int = 0) -> Network:
    """Return a batch of small networks."""
    g = torch.Generator().manual_seed(seed)
    draw = {"generator": g, "dtype": DOUBLE}
    clamped = torch.zeros(UNITS, dtype=torch.bool)
    clamped[2] = options["clamped"]
    readout = torch.randn(BATCH, OUTPUTS, UNITS, **draw)
    if options["readout"] == "unit":
        readout = torch.eye(OUTPUTS, UNITS, dtype=DOUBLE).expand(BATCH, -1, -1)
    weights = gain * torch.randn(BATCH, UNITS, UNITS, **draw) / UNITS**0.5
    input_weights = torch.randn(BATCH, UNITS, INPUTS, **draw)
    return Network(weights, input_weights, readout, clamped, 0.7 * clamped, 0.2)


def experiences(count: int, *, reward: str = "squared", seed: int = 1) -> list[Experience]:
    """Return so many noisy trials, of types that differ between networks."""
    g = torch.Generator().manual_seed(seed)
    draw = {"generator": g, "dtype": DOUBLE}
    window = torch.zeros(BATCH, STEPS, dtype=DOUBLE)
    window[:, -3:] = 1 / 3
    result = []
    for h in range(count):
        trial_type = torch.tensor([h % TRIAL_TYPES, (h + 1) % TRIAL_TYPES])
        inputs = 0.5 * torch.randn(BATCH, STEPS, INPUTS, **draw)
        target = 0.5 * torch.randn(BATCH, 1, OUTPUTS, **draw).expand(-1, STEPS, -1)
        start = 0.3 * torch.randn(BATCH, UNITS, **draw)
        perturbation = 0.5 * torch.randn(BATCH, STEPS, UNITS, **draw)
        result.append(Experience(Trial(inputs, target, window, trial_type, reward), start, perturbation))
    return result


def rule(options: dict, degree: int, *, warm_up: int = 2, seed: int = 2, learning_rate: float = 0.02) -> Rule:
    """Return a polynomial rule of a random theta of the degree, every coefficient of which carries tangents."""
    g = torch.Generator().manual_seed(seed)
    size = degree + 1
    theta = 0.3 * torch.randn(size, size, generator=g, dtype=DOUBLE)
    terms = tuple((k, l) for k in range(size) for l in range(size))
    params = Polynomial(
        theta=theta,
        terms=terms,
        learning_rate=learning_rate,
        clip=options["clip"],
        baseline_exponent=options["baseline_exponent"],
        trace_decay=0.6,
        carry_trace=options["carry_trace"],
        eligibility_decay=options["eligibility_decay"],
        weight_decay=options["weight_decay"],
        time_step=0.5,
        onset=1,
        standard=options.get("standard"),
        weight_linear=options.get("weight_linear", 0.0),
        weight_quadratic=options.get("weight_quadratic", 0.0),
        weight_unit=0.6,
        shape=GateShape(**{name: options[name] for name in GateShape._fields if name in options}),
    )
    momentum = options.get("momentum", 0.0)
    return Rule(
        "polynomial",
        params,
        polynomial.init,
        polynomial.update,
        0.7,
        warm_up,
        momentum=momentum,
        normalisation=options.get("normalisation"),
    )


def late_types(sampled: list[Experience]) -> list[Experience]:
    """Return the trials with two types that come only after the weights have long changed."""
    changed = []
    for h, one in enumerate(sampled):
        trial_type = one.trial.trial_type % 2 if h < 8 else one.trial.trial_type
        changed.append(one._replace(trial=one.trial._replace(trial_type=trial_type)))
    return changed


def relative(found: torch.Tensor, exact: torch.Tensor) -> float:
    """Return the norm of the difference, over that of what is exact."""
    return ((found - exact).norm() / exact.norm()).item()
