"""The policy gradient with the local derivative of the mean weight change, at fixed weights: unbiased, without tangents.

    d mu / d theta_kl = gate 1[|V| < clip] f sum_t dt deviation[t]^l outer r[t]^k      zero where synapses hold the weight

with the factor f of the synapse's own weight, where the rule has one. In a trial the weights are given, whatever noise
led to them: how they depend on theta is in the scores of earlier trials.
"""

from collections.abc import Iterable, Iterator

from torch import Generator, Tensor

from threefactor.contract import Experience, Learner, MetaGradient, Outcome, Rule
from threefactor.derivatives import clipping
from threefactor.derivatives.gate import through_hold
from threefactor.kernels.torch.sums import basis_eligibilities
from threefactor.learning_rules.polynomial import deviation, time_weight, weight_factor
from threefactor.learning_rules.third_factor import gate
from threefactor.metalearning.lifetime import Lived, Noise, live
from threefactor.metalearning.likelihood_ratio import Scored, climb, score
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
    lives = live(rule, learner, experiences, noise.weights, generator=generator)
    return climb(rule, learner, scores(rule, lives), noise.weights, objective)


def scores(rule: Rule, lives: Iterable[Lived]) -> Iterator[Scored]:
    """Yield reward and score of each trial."""
    for lived in lives:
        reward = lived.outcome.feedback.reward
        if lived.drawn is None:
            yield Scored(reward, reward.new_zeros(len(reward), len(rule.params.terms)))
        else:
            yield Scored(reward, score(lived.drawn, slope(rule, lived.before, lived.outcome)))


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
    weight = time_weight(params, before.network, change)
    eligibilities = basis_eligibilities(params.terms, change, outcome.trajectory.rate, weight)
    own = weight_factor(params, before.network)
    if own is not None:
        eligibilities = own.factor[:, None] * eligibilities
    opening = gate(params.learning_rate, params.stabiliser, outcome.feedback)
    opened = opening[:, None, None].expand_as(outcome.update)
    unclipped = clipping.unclipped(params, before.network.weights, outcome.update)
    return through_hold(before, outcome, clipping.pull(unclipped, opened)[:, None] * eligibilities)
