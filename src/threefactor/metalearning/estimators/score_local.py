"""The policy gradient with the local derivative of the mean weight change, at fixed weights: unbiased, without tangents.

    d mu / d theta_kl = gate 1[|V| < clip] f sum_t dt deviation[t]^l outer r[t]^k      zero where synapses hold the weight

with the weight-dependent factor f, where the rule has one. In a trial the weights are given, whatever noise
led to them: how they depend on theta is in the scores of earlier trials.
"""

from collections.abc import Iterable, Iterator

from torch import Generator, Tensor

from threefactor.contract import Experience, Learner, MetaGradient, Outcome, Rule
from threefactor.derivatives import clipping
from threefactor.derivatives.end_of_trial import through_hold
from threefactor.kernels.torch.eligibility_sums import basis_eligibilities
from threefactor.learning_rules.polynomial import deviation, unit_step_weights, weight_factor
from threefactor.learning_rules.third_factor import gate
from threefactor.metalearning.likelihood_ratio import Scored, policy_gradient, score
from threefactor.metalearning.trial_record import Noise, TrialRecord, run_trials
from threefactor.training.objective import Objective


def estimate(
    rule: Rule,
    learner: Learner,
    experiences: Iterable[Experience],
    *,
    noise: Noise,
    objective: Objective = None,
    generator: Generator,
) -> MetaGradient:
    """Estimate the gradient of the objective over the trials after the warm-up; see `score_total.estimate`."""
    records = run_trials(rule, learner, experiences, noise.weights, generator=generator)
    return policy_gradient(rule, learner, scores(rule, records), noise.weights, objective)


def scores(rule: Rule, records: Iterable[TrialRecord]) -> Iterator[Scored]:
    """Yield reward and score of each trial."""
    for record in records:
        reward = record.outcome.feedback.reward
        if record.drawn is None:
            yield Scored(reward, reward.new_zeros(len(reward), len(rule.params.terms)))
        else:
            yield Scored(reward, score(record.drawn, slope(rule, record.before, record.outcome)))


def slope(rule: Rule, before: Learner, outcome: Outcome) -> Tensor:
    """Return the derivative of a trial's weight change with respect to theta at fixed weights; b p i j.

    Parameters
    ----------
    rule
        A polynomial rule, with p terms that are differentiated.
    before
        The learner before the trial, past the warm-up.
    outcome
        Of the trial.
    """
    params = rule.params
    change, _ = deviation(params, before.memory, outcome.trajectory)
    weight = unit_step_weights(params, before.network, change)
    eligibilities = basis_eligibilities(params.terms, change, outcome.trajectory.rate, weight)
    dependence = weight_factor(params, before.network)
    if dependence is not None:
        eligibilities = dependence.factor[:, None] * eligibilities
    gate_value = gate(params, outcome.feedback)
    opened = gate_value[:, None, None].expand_as(outcome.update)
    unclipped = clipping.unclipped(params, before.network.weights, outcome.update)
    return through_hold(before, outcome, clipping.vjp(unclipped, opened)[:, None] * eligibilities)
