"""The scaling of theta: each monomial in units of the weight change that it makes in real trials.

Raw coefficients of degree 5 are conditioned about 1e6; in scaled ones all monomials move the weights alike. The unit is
the weight change of theta_33 = 1, so that Miconi's rule has the scaled norm 1.

Scaled monomials are far from orthogonal: a small difference of large terms tells perturbations from background. In
orthonormal coordinates w, scaled theta = C^(-1/2) w with the correlations C of the monomials' weight changes, every
direction moves the weights alike, and |w| is the weight change of the whole rule.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from threefactor.contract import Learner, Network, Outcome, Rule
from threefactor.kernels.linearised import Terms
from threefactor.kernels.torch.eligibility_sums import basis_eligibilities
from threefactor.learning_rules.polynomial import Polynomial, deviation, unit_step_weights, weight_factor
from threefactor.training.environment import Environment, experience
from threefactor.training.trial import learn, start_learning

REFERENCE = (3, 3)
BURN_IN = 8  # trials of burn-in of the reward baselines
TRIALS = 28
RIDGE = 1e-4  # least variance of a direction that counts, as a share of the largest


class Scaling(NamedTuple):
    """The weight changes that the monomials make."""

    scale: Tensor  # p, theta / scaled theta
    correlation: Tensor  # p p, C, of the weight changes of scaled monomials; one on the diagonal


def monomial_scale(
    rule: Rule, network: Network, environment: Environment, *, generator: Callable[[int], Generator]
) -> Tensor:
    """Return ``theta / scaled theta`` of each term, p; see `scaling`."""
    return scaling(rule, network, environment, generator=generator).scale


def orthonormal(correlation: Tensor) -> Tensor:
    """Return ``C^(-1/2)`` (p p), directions that hardly change the weights being held by a ridge."""
    values, vectors = torch.linalg.eigh(correlation.double())
    return ((vectors / (values + RIDGE * values[-1]).sqrt()) @ vectors.mT).to(correlation)


def scaling(
    rule: Rule, network: Network, environment: Environment, *, generator: Callable[[int], Generator]
) -> Scaling:
    """Measure the weight changes of the monomials in real trials.

    ``scale_p = rms(change of theta_33) / rms(change of p)``, the change being ``sum_h (R - R_bar) e_p`` over trials in
    which the weights stay as they are.

    Parameters
    ----------
    rule
        A polynomial rule; its theta does not matter.
    network
        Some networks, untrained.
    environment
        Task and noise.
    generator
        Of the noise of trial h.

    Returns
    -------
    Scaling
        The scale being positive.
    """
    params: Polynomial = rule.params
    # the unit is the same whatever the rule sees
    plain = params._replace(standard=None, weight_linear=0.0, weight_quadratic=0.0)
    frozen = rule._replace(warm_up=TRIALS)
    learner: Learner = start_learning(frozen, network, len(environment.task.trial_types))
    change = torch.zeros(())
    for h in range(TRIALS):
        before = learner
        learner, outcome = learn(frozen, before, *experience(environment, network, h, generator=generator(h)))
        if h >= BURN_IN:
            made = torch.cat(
                [
                    _eligibilities(params, before, outcome, params.terms),
                    _eligibilities(plain, before, outcome, (REFERENCE,)),
                ],
                1,
            )
            error = outcome.feedback.reward - outcome.feedback.baseline
            change = change + error[:, None, None, None] * made
    size = change.square().mean((0, 2, 3)).sqrt()
    made = change[:, :-1].double() / size[:-1, None, None].double()
    correlation = torch.einsum("bpij,bqij->pq", made, made) / (made.numel() / made.shape[1])
    return Scaling(size[-1] / size[:-1], correlation.to(size))


def _eligibilities(params: Polynomial, before: Learner, outcome: Outcome, terms: Terms) -> Tensor:
    """Return the basis eligibilities of a trial, with the weight-dependent factor; b p i j."""
    difference, _ = deviation(params, before.memory, outcome.trajectory)
    weight = unit_step_weights(params, before.network, difference)
    made = basis_eligibilities(terms, difference, outcome.trajectory.rate, weight)
    dependence = weight_factor(params, before.network)
    return made if dependence is None else dependence.factor[:, None] * made


def update_size(
    rule: Rule, network: Network, environment: Environment, *, generator: Callable[[int], Generator]
) -> float:
    """Return the root mean square weight change of one trial under a rule, over the first trials of learning."""
    plastic = rule._replace(warm_up=BURN_IN)
    learner: Learner = start_learning(plastic, network, len(environment.task.trial_types))
    total = 0.0
    for h in range(TRIALS):
        learner, outcome = learn(
            plastic, learner, *experience(environment, network, h, generator=generator(h))
        )
        total += outcome.update.square().mean().item()
    return float((total / (TRIALS - BURN_IN)) ** 0.5)
