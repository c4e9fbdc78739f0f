"""Derivatives with respect to hyperparameters of learning, beside those of theta.

Each hyperparameter acts directly on one place of a trial, at a given learner and everything else of the trial:

    gate         learning_rate         gate / learning_rate
    gate         baseline_exponent     log|R_bar| gate
    gate         gate_…                the gate without its factor f, times u, u², v or v²
    update       clip                  sign(V) where V was clipped
    update       weight_decay          -W
    step         update_size           step / update_size
    change       momentum              old change - step
    baseline     baseline_decay        R_bar - R, of the baseline after the trial
    factor       weight_linear         w = W / weight_unit
    factor       weight_quadratic      w² - 1
    eligibility  eligibility_decay     e with age[t] w[t] / eligibility_decay for the weight w[t] of each step
    deviation    deviation_mean_decay  of the seen deviation, at a given raw one, as are the three that follow:
    deviation    deviation_rms_decay   `threefactor.kernels.standardise.BY_CONSTANT`
    deviation    deviation_floor
    deviation    deviation_bound
    trace        trace_decay           d[t+1] = trace_decay d[t] + trace[t] - x[t+1], d[0] = 0
    drive        perturbation_scale    xi

``age[t]`` counts the steps after t, and ``perturbation_scale`` is a factor of all perturbations, which is one. Forwards
these are added to the tangents where they arise, which superpose since weights are fixed inside a trial. Backwards they
are multiplied by the adjoint of that place. Gate, update, step, change, weight-dependent factor, eligibility and
deviation act from the end of the warm-up on, all others from the start.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import torch
from torch import Tensor

from threefactor.contract import GateShape, Learner, Outcome, Rule
from threefactor.derivatives import clipping
from threefactor.kernels import eligibility_sums, scans
from threefactor.kernels.standardise import BY_CONSTANT, standardise
from threefactor.learning_rules.polynomial import (
    OF_STANDARD,
    Polynomial,
    deviation,
    raw_deviation,
    standard_of,
    unit_step_weights,
    weight_factor,
)
from threefactor.learning_rules.third_factor import gate, magnitude, shape_derivatives
from threefactor.learning_rules.weight_dependence import WeightFactor


def count(params: Polynomial) -> int:
    """Return the number p of derivatives that are carried: of terms, then of hyperparameters."""
    return len(params.terms) + len(params.hyperparameters)


def acting_on(place: str, rule: Rule, before: Learner, outcome: Outcome) -> Iterator[tuple[int, Tensor]]:
    """Yield the column of each hyperparameter that acts on a place, and its direct derivative there.

    Parameters
    ----------
    place
        gate (b), update (b i j), step (b i j), change (b i j), baseline (b), factor (b i j), eligibility (b i j),
        deviation (b t i), trace (b t+1 i) or drive (b t i).
    rule
        A polynomial rule.
    before
        The learner before the trial.
    outcome
        Of the trial.
    """
    for column, name in enumerate(rule.params.hyperparameters, len(rule.params.terms)):
        acts_on, direct = _known(name)
        if acts_on == place:
            yield column, direct(rule, before, outcome)


def vjp(rule: Rule, before: Learner, outcome: Outcome, adjoint: Mapping[str, Tensor]) -> Tensor:
    """Return what a trial adds to the derivatives with respect to the hyperparameters; b s.

    Parameters
    ----------
    rule, before, outcome
        As in `acting_on`; the outcome's update is only looked at for the clip.
    adjoint
        Derivatives of the objective with respect to each place, of the place's shape.
    """
    parts = []
    for name in rule.params.hyperparameters:
        place, direct = _known(name)
        product = adjoint[place] * direct(rule, before, outcome)
        parts.append(product.reshape(len(product), -1).sum(1))
    return torch.stack(parts, 1)


def _known(name: str) -> tuple[str, "Direct"]:
    """Return where a hyperparameter acts, and how.

    Raises
    ------
    ValueError
        If it has no derivative.
    """
    if name not in DIRECT:
        raise ValueError(
            f"hyperparameters = {name!r}: must be one of {', '.join(DIRECT)}, which have derivatives"
        )
    return DIRECT[name]


def _gate_value(params: Polynomial, outcome: Outcome) -> Tensor:
    return gate(params, outcome.feedback)


def _learning_rate(rule: Rule, before: Learner, outcome: Outcome) -> Tensor:
    return _gate_value(rule.params, outcome) / rule.params.learning_rate


def _baseline_exponent(rule: Rule, before: Learner, outcome: Outcome) -> Tensor:
    return torch.xlogy(_gate_value(rule.params, outcome), magnitude(outcome.feedback.baseline))


def _gate_shape(name: str, rule: Rule, before: Learner, outcome: Outcome) -> Tensor:
    return shape_derivatives(rule.params, outcome.feedback)[name]


def _clip(rule: Rule, before: Learner, outcome: Outcome) -> Tensor:
    weights = before.network.weights
    sign = torch.sign(outcome.update + rule.params.weight_decay * weights)
    unclipped = clipping.unclipped(rule.params, weights, outcome.update)
    return sign - clipping.vjp(unclipped, sign)


def _weight_decay(rule: Rule, before: Learner, outcome: Outcome) -> Tensor:
    return -before.network.weights


def _update_size(rule: Rule, before: Learner, outcome: Outcome) -> Tensor:
    assert rule.normalisation is not None  # its size is differentiated
    return outcome.step / rule.normalisation.size


def _momentum(rule: Rule, before: Learner, outcome: Outcome) -> Tensor:
    assert before.change is not None  # the rule has momentum
    return before.change - outcome.step


def _baseline_decay(rule: Rule, before: Learner, outcome: Outcome) -> Tensor:
    return outcome.feedback.baseline - outcome.feedback.reward


def _weight_linear(rule: Rule, before: Learner, outcome: Outcome) -> Tensor:
    return _weight_factor(rule, before).linear


def _weight_quadratic(rule: Rule, before: Learner, outcome: Outcome) -> Tensor:
    return _weight_factor(rule, before).quadratic


def _weight_factor(rule: Rule, before: Learner) -> WeightFactor:
    dependence = weight_factor(rule.params, before.network)
    assert dependence is not None  # one of its coefficients is differentiated
    return dependence


def _eligibility_decay(rule: Rule, before: Learner, outcome: Outcome) -> Tensor:
    params, trajectory = rule.params, outcome.trajectory
    change, _ = deviation(params, before.memory, trajectory)
    steps = change.shape[1]
    age = torch.arange(steps - 1, -1, -1, device=change.device, dtype=change.dtype)
    step_weight = (
        unit_step_weights(params, before.network, change) * (age / params.eligibility_decay)[:, None]
    )
    one = torch.ones_like(change[:, 0, 0])
    return eligibility_sums.eligibility(
        params.theta, params.terms, change, trajectory.rate, step_weight, one, float("inf")
    )


def _of_standard(name: str, rule: Rule, before: Learner, outcome: Outcome) -> Tensor:
    standard = standard_of(rule.params, name)
    change, _ = raw_deviation(rule.params, before.memory, outcome.trajectory)
    return BY_CONSTANT[OF_STANDARD[name]](standardise(change, standard), standard)


def _trace_decay(rule: Rule, before: Learner, outcome: Outcome) -> Tensor:
    params = rule.params
    change, _ = raw_deviation(params, before.memory, outcome.trajectory)
    fresh = 1 - params.trace_decay  # by which the scan weighs what it takes up
    return scans.trace_scan(change / fresh, torch.zeros_like(before.memory), params.trace_decay)


def _perturbation_scale(rule: Rule, before: Learner, outcome: Outcome) -> Tensor:
    return outcome.trajectory.perturbation


Direct = Callable[[Rule, Learner, Outcome], Tensor]

DIRECT: dict[str, tuple[str, Direct]] = {
    "learning_rate": ("gate", _learning_rate),
    "baseline_exponent": ("gate", _baseline_exponent),
    **{name: ("gate", partial(_gate_shape, name)) for name in GateShape._fields},
    "clip": ("update", _clip),
    "weight_decay": ("update", _weight_decay),
    "update_size": ("step", _update_size),
    "momentum": ("change", _momentum),
    "baseline_decay": ("baseline", _baseline_decay),
    "weight_linear": ("factor", _weight_linear),
    "weight_quadratic": ("factor", _weight_quadratic),
    "eligibility_decay": ("eligibility", _eligibility_decay),
    **{name: ("deviation", partial(_of_standard, name)) for name in OF_STANDARD},
    "trace_decay": ("trace", _trace_decay),
    "perturbation_scale": ("drive", _perturbation_scale),
}
"""Where each hyperparameter acts, and its direct derivative there."""
