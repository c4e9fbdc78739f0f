"""The tangents in two passes: first the trial, then everything that is N² as sums over its time.

Rate and deviation do not depend on the tangents, so with the trial at hand ``U r`` of many steps is one product, the
state tangent is a scan, and eligibility and its tangent are sums over time of outer products
(`threefactor.kernels.eligibility_sums`). Equal to `threefactor.derivatives.stepwise` to rounding.
"""

import torch
from torch import Tensor

from threefactor.contract import Learner, Outcome, Rule, Tangents, Trial
from threefactor.derivatives import hyperparameters
from threefactor.derivatives.end_of_trial import end_trial
from threefactor.kernels import eligibility_sums, scans
from threefactor.kernels.linearised import LinearisedTrial
from threefactor.kernels.standardise import Used, standardise
from threefactor.kernels.standardise import jvp as jvp_standardised
from threefactor.kernels.torch.eligibility_sums import add_eligibility_tangent
from threefactor.learning_rules.polynomial import Polynomial, eligibility, raw_deviation, unit_step_weights
from threefactor.network.simulate import slope
from threefactor.training.batch import joined, select

LIMIT = 10_000_000  # numbers in the eligibility tangent of the networks that are taken at once


def jvp(
    rule: Rule,
    before: Learner,
    trial: Trial,
    outcome: Outcome,
    tangents: Tangents,
    *,
    limit: int = LIMIT,
) -> tuple[Tangents, Tensor]:
    """Take the tangents through one trial of learning; see `threefactor.derivatives.stepwise.jvp`.

    Networks are taken some at a time, so that beside U nothing of its size is kept for all of them: so many that their
    eligibility tangents have at most `limit` numbers.
    """
    batch = len(tangents.weight)
    at_once = max(1, limit // max(1, tangents.weight[0].numel()))
    if batch <= at_once:
        return _jvp(rule, before, trial, outcome, tangents)
    parts = [
        _jvp(rule, *select((before, trial, outcome, tangents), slice(first, first + at_once)))
        for first in range(0, batch, at_once)
    ]
    after, rho = zip(*parts, strict=True)
    return joined(after), torch.cat(rho)


def _jvp(
    rule: Rule, before: Learner, trial: Trial, outcome: Outcome, tangents: Tangents
) -> tuple[Tangents, Tensor]:
    """Take the tangents of all networks through the trial at once."""
    linearised = linearise_trial(rule, before, outcome)
    z, rho, psi = through_trial(rule, before, linearised, tangents)
    _add_hyperparameters(rule, before, outcome, linearised, z, rho, psi)
    e = eligibility(rule.params, before.network, linearised.deviation, linearised.rate)
    return end_trial(rule, before, trial, outcome, tangents, e, z, rho, psi), rho


def linearise_trial(rule: Rule, before: Learner, outcome: Outcome) -> LinearisedTrial:
    """Return a trial as its tangents see it."""
    params: Polynomial = rule.params
    network, trajectory = before.network, outcome.trajectory
    change, _ = raw_deviation(params, before.memory, trajectory)
    made = None if params.standard is None else standardise(change, params.standard)
    return LinearisedTrial(
        trajectory.rate,
        slope(network, trajectory),
        change if made is None else made.values,
        unit_step_weights(params, network, change),
        outcome.feedback.output_gradient @ network.output_weights,
        params.standard,
        made,
    )


def through_trial(
    rule: Rule, before: Learner, linearised: LinearisedTrial, tangents: Tangents
) -> tuple[Tensor, Tensor, Tensor]:
    """Return z (b p i j), rho (b p) and psi (b p i) of a trial; see `kernels.eligibility_sums.through_trial`."""
    params, network = rule.params, before.network
    return eligibility_sums.through_trial(
        params.theta,
        params.terms,
        linearised,
        network.weights,
        network.clamped,
        network.leak,
        params.trace_decay,
        tangents.weight,
        tangents.trace,
    )


def _add_hyperparameters(
    rule: Rule,
    before: Learner,
    outcome: Outcome,
    linearised: LinearisedTrial,
    z: Tensor,
    rho: Tensor,
    psi: Tensor,
) -> None:
    """Add to z (b p i j), rho (b p) and psi (b p i) the direct effect of hyperparameters, at fixed weights."""
    params, network = rule.params, before.network
    nothing = torch.zeros_like(linearised.rate)
    for p, direct in hyperparameters.acting_on("eligibility", rule, before, outcome):
        z[:, p] += direct
    for p, seen in hyperparameters.acting_on("deviation", rule, before, outcome):
        z[:, p] += _eligibility_tangent(params, linearised, seen, nothing)
    for p, trace in hyperparameters.acting_on("trace", rule, before, outcome):
        z[:, p] += _eligibility_tangent(params, linearised, _seen(linearised, trace[:, :-1]), nothing)
        psi[:, p] += trace[:, -1]
    for p, drive in hyperparameters.acting_on("drive", rule, before, outcome):
        start = torch.zeros_like(psi[:, :1])
        slope, lone = linearised.slope[:, :-1], drive[:, :, None]
        chi = scans.tangent_scan(network.weights, slope, lone, start, network.clamped, network.leak)[:, :, 0]
        trace, q = scans.trace_scan(chi[:, 1:], start[:, 0], params.trace_decay), linearised.slope * chi
        seen = _seen(linearised, trace[:, :-1] - chi[:, 1:])
        z[:, p] += _eligibility_tangent(params, linearised, seen, q[:, :-1])
        rho[:, p] += (linearised.onto_rate * q[:, 1:]).sum((1, 2))
        psi[:, p] += trace[:, -1]


def _seen(linearised: LinearisedTrial, deviation: Tensor) -> Tensor:
    """Return the tangent of the deviation that the rule sees from that of the raw one (b t i); b t i."""
    if linearised.standard is None or linearised.standardised is None:
        return deviation
    nothing = torch.zeros_like(deviation[:, :1])
    seen, _ = jvp_standardised(
        linearised.standardised, linearised.standard, deviation[:, :, None], Used(nothing, nothing)
    )
    return seen[:, :, 0]


def _eligibility_tangent(
    params: Polynomial, linearised: LinearisedTrial, deviation: Tensor, rate: Tensor
) -> Tensor:
    """Return the tangent of e from those of the seen deviation (b t i) and of the rate (b t j); b i j."""
    made = deviation.new_zeros(len(rate), 1, rate.shape[2], rate.shape[2])
    add_eligibility_tangent(made, params.theta, (), linearised, deviation[:, :, None], rate[:, :, None])
    return made[:, 0]
