"""The tangents in two passes: first the trial, then everything that is N² as sums over its time.

Rate and deviation do not depend on the tangents, so with the trial at hand ``U r`` of many steps is one product, the
state tangent is a scan, and eligibility and its tangent are sums over time of outer products
(`threefactor.kernels.sums`). Equal to `threefactor.derivatives.stepwise` to rounding.
"""

import torch
from torch import Tensor

from threefactor.contract import Learner, Outcome, Rule, Tangents, Trial
from threefactor.derivatives.gate import end_trial
from threefactor.kernels import sums
from threefactor.kernels.course import Course
from threefactor.kernels.standardise import standardise
from threefactor.learning_rules.polynomial import Polynomial, eligibility, raw_deviation, time_weight
from threefactor.network.simulate import slope
from threefactor.training.batch import select

LIMIT = 10_000_000  # numbers in the eligibility tangent of the networks that are taken at once


def push(
    rule: Rule, before: Learner, trial: Trial, outcome: Outcome, tangents: Tangents
) -> tuple[Tangents, Tensor]:
    """Push the tangents through one trial of learning; see `threefactor.derivatives.stepwise.push`.

    Networks are taken some at a time, so that beside U nothing of its size is kept for all of them.
    """
    batch = len(tangents.weight)
    at_once = max(1, LIMIT // max(1, tangents.weight[0].numel()))
    if batch <= at_once:
        return _push(rule, before, trial, outcome, tangents)
    parts = [
        _push(rule, *select((before, trial, outcome, tangents), slice(first, first + at_once)))
        for first in range(0, batch, at_once)
    ]
    after, rho = zip(*parts, strict=True)
    return Tangents(*(torch.cat(part) for part in zip(*after, strict=True))), torch.cat(rho)


def _push(
    rule: Rule, before: Learner, trial: Trial, outcome: Outcome, tangents: Tangents
) -> tuple[Tangents, Tensor]:
    """Push the tangents of all networks at once."""
    course = trial_course(rule, before, outcome)
    z, rho, psi = through_trial(rule, before, course, tangents)
    e = eligibility(rule.params, before.network, course.deviation, course.rate)
    return end_trial(rule, before, trial, outcome, tangents, e, z, rho, psi), rho


def trial_course(rule: Rule, before: Learner, outcome: Outcome) -> Course:
    """Return a trial as its tangents see it."""
    params: Polynomial = rule.params
    network, trajectory = before.network, outcome.trajectory
    change, _ = raw_deviation(params, before.memory, trajectory)
    made = None if params.standard is None else standardise(change, params.standard)
    return Course(
        trajectory.rate,
        slope(trajectory),
        change if made is None else made.values,
        time_weight(params, network, change),
        outcome.feedback.output_gradient @ network.output_weights,
        params.standard,
        made,
    )


def through_trial(
    rule: Rule, before: Learner, course: Course, tangents: Tangents
) -> tuple[Tensor, Tensor, Tensor]:
    """Return z (b p i j), rho (b p) and psi (b p i) of a trial; see `threefactor.kernels.sums.through_trial`."""
    params, network = rule.params, before.network
    return sums.through_trial(
        params.theta,
        params.terms,
        course,
        network.weights,
        network.clamped,
        network.leak,
        params.trace_decay,
        tangents.weight,
        tangents.trace,
    )
