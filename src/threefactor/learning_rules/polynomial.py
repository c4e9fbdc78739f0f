"""The three-factor rule: a polynomial eligibility, gated by reward (the poster's rule).

    trace[t+1] = trace_decay trace[t] + (1 - trace_decay) x[t+1]          deviation[t] = trace[t] - x[t+1]
    e[t+1]     = eligibility_decay e[t] + dt m * sum_kl theta_kl deviation[t]^l outer r[t]^k
    V          = gate f * e[T]
    update     = clip(V, ±clip) - weight_decay W

k is the power of the presynaptic rate, l that of the postsynaptic deviation (old trace minus new state). Miconi's rule
(2017), the cube of rate times deviation, is theta_33 = -1 and nothing else. The deviation may be taken in units of what
its own unit is used to (`threefactor.kernels.standardise`), which the unit knows as well. The gate is the third factor
(`threefactor.learning_rules.third_factor`). The factor f is one, unless the rule has a weight-dependent factor
(`threefactor.learning_rules.weight_dependence`).

Weights are fixed inside a trial, so e[T] is a matrix product over time.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor

from threefactor.contract import Feedback, GateShape, Network, Trajectory
from threefactor.kernels import eligibility_sums, scans
from threefactor.kernels.standardise import Standard, standardise
from threefactor.kernels.torch import eligibility_sums as products
from threefactor.learning_rules.third_factor import gate
from threefactor.learning_rules.weight_dependence import WeightFactor, weight_dependence

LABEL = "three-factor rule"  # of one term or learned: such a rule has a name of its own

INFORMATION = "reward"

SOURCE = "Miconi 2017"

TUNED = {"plasticity.learning_rate": (0.1, 10.0), "plasticity.trace_decay": (0.3, 10.0)}


class Polynomial(NamedTuple):
    """Parameters of the polynomial rule."""

    theta: Tensor  # k l; or b k l, one per network, where nothing is differentiated
    terms: tuple[tuple[int, int], ...]  # (k, l) of the p coefficients that carry tangents
    learning_rate: float  # eta
    clip: float  # largest change of a weight in one trial; inf for none
    baseline_exponent: float  # s, power of the baseline in the gate; 0 on the poster
    trace_decay: float  # alpha_x per step
    carry_trace: bool  # whether the trace goes on into the next trial
    eligibility_decay: float  # 1 - dt / tau_e per step; 1 for no decay
    weight_decay: float  # dt_trial / tau_w per trial; 0 for none
    time_step: float  # dt, ms
    onset: int  # first step that counts in the eligibility
    standard: Standard | None = None  # constants of a standardised deviation; None for the deviation itself
    weight_linear: float = 0.0  # of the weight-dependent factor, as the two that follow
    weight_quadratic: float = 0.0
    weight_unit: float = 1.0  # gain / sqrt(N)
    shape: GateShape = GateShape()  # of the gate
    hyperparameters: tuple[
        str, ...
    ] = ()  # that carry tangents too, see `threefactor.derivatives.hyperparameters`


OF_STANDARD = {
    "deviation_mean_decay": "mean_decay",
    "deviation_rms_decay": "square_decay",
    "deviation_floor": "floor",
    "deviation_bound": "bound",
}
"""Hyperparameters that are constants of a standardised deviation, and what `Standard` calls them."""


def standard_of(params: Polynomial, name: str) -> Standard:
    """Return the constants of the standardised deviation, to which a hyperparameter belongs.

    Raises
    ------
    ValueError
        If the deviation has no such constant.
    """
    if params.standard is None or getattr(params.standard, OF_STANDARD[name]) is None:
        raise ValueError(
            f"hyperparameters = {name!r}: must be of a deviation that has it ({params.standard})"
        )
    return params.standard


def value_of(params: Polynomial, name: str) -> float:
    """Return the value of a hyperparameter."""
    if name in OF_STANDARD:
        return float(getattr(standard_of(params, name), OF_STANDARD[name]))
    return float(getattr(params.shape if name in GateShape._fields else params, name))


def with_values(params: Polynomial, values: Mapping[str, float]) -> Polynomial:
    """Return the parameters with other values of hyperparameters, by their names."""
    for name in OF_STANDARD.keys() & values.keys():
        standard = standard_of(params, name)._replace(**{OF_STANDARD[name]: values[name]})
        params = params._replace(standard=standard)
    shape: dict[str, Any] = {name: values[name] for name in GateShape._fields if name in values}
    own: dict[str, Any] = {
        name: value for name, value in values.items() if name not in OF_STANDARD and name not in shape
    }
    return params._replace(shape=params.shape._replace(**shape), **own)


def init(params: Polynomial, network: Network) -> Tensor:
    """Return the trace before the first trial, zero; b i."""
    return torch.zeros_like(network.weights[:, :, 0])


def update(
    params: Polynomial, network: Network, memory: Tensor, trajectory: Trajectory, feedback: Feedback
) -> tuple[Tensor, Tensor]:
    """Return the weight update of one trial (b i j) and the trace that goes on (b i)."""
    change, trace = deviation(params, memory, trajectory)
    step_weight = unit_step_weights(params, network, change)
    gate_value = gate(params, feedback)
    dependence = weight_factor(params, network)
    bound = params.clip if dependence is None else float("inf")
    clipped = eligibility_sums.eligibility(
        params.theta, params.terms, change, trajectory.rate, step_weight, gate_value, bound
    )
    if dependence is not None:
        clipped = products.clip(dependence.factor * clipped, params.clip)
    return clipped - params.weight_decay * network.weights if params.weight_decay else clipped, trace


def deviation(params: Polynomial, memory: Tensor, trajectory: Trajectory) -> tuple[Tensor, Tensor]:
    """Return the postsynaptic deviation that the rule sees (b t i), and the trace that goes on (b i)."""
    change, trace = raw_deviation(params, memory, trajectory)
    return change if params.standard is None else standardise(change, params.standard).values, trace


def raw_deviation(params: Polynomial, memory: Tensor, trajectory: Trajectory) -> tuple[Tensor, Tensor]:
    """Return old trace minus new state (b t i), and the trace that goes on (b i)."""
    change, trace = scans.deviation_scan(trajectory.state, memory, params.trace_decay)
    return change, trace if params.carry_trace else torch.zeros_like(memory)


def eligibility(params: Polynomial, network: Network, deviation: Tensor, rate: Tensor) -> Tensor:
    """Return e at the end of the trial, without the weight-dependent factor; b i j.

    Parameters
    ----------
    params
        Of the rule.
    network
        The clamped units of which get no update.
    deviation
        b t i.
    rate
        b t j.
    """
    one = torch.ones_like(rate[:, 0, 0])
    step_weight = unit_step_weights(params, network, deviation)
    return eligibility_sums.eligibility(
        params.theta, params.terms, deviation, rate, step_weight, one, float("inf")
    )


def weight_factor(params: Polynomial, network: Network) -> WeightFactor | None:
    """Return the weight-dependent factor of each synapse; None where it is one and is not differentiated."""
    coefficients = params.weight_linear, params.weight_quadratic
    if not any(coefficients) and not {"weight_linear", "weight_quadratic"} & set(params.hyperparameters):
        return None
    return weight_dependence(*coefficients, params.weight_unit, network.weights)


def active(params: Polynomial) -> list[tuple[int, int]]:
    """Return the (k, l) that take part: the nonzero coefficients and those that carry tangents, in order."""
    return products.active(params.theta, params.terms)


def unit_step_weights(params: Polynomial, network: Network, like: Tensor) -> Tensor:
    """Return the weight of each step and postsynaptic unit in e[T]: that of the step, zero on clamped units; t i."""
    return step_weights(params, like)[:, None] * (~network.clamped).to(like.dtype)


def step_weights(params: Polynomial, like: Tensor) -> Tensor:
    """Return the weight of each step of like (b t i) in e[T]: dt and decay, zero before the onset; t."""
    steps = like.shape[1]
    age = torch.arange(steps - 1, -1, -1, device=like.device, dtype=like.real.dtype)
    weight = params.time_step * params.eligibility_decay**age
    weight[: params.onset] = 0
    return weight.to(like.dtype)
