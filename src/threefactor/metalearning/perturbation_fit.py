"""How well a rule of the deviation can estimate the perturbations of its unit.

Node perturbation has access to the perturbation, and correlates it with the rates; a rule of the deviation has to
estimate it. Its best estimate is the least-squares combination of its basis eligibilities e_p,

    theta = argmin E (e - sum_p theta_p e_p)²        e = dt sum_t leak xi[t] outer r[t]

over synapses, trials and networks. With R the correlation of estimate and e, a share R² of the variance of the updates is
signal: of two rules, that with the larger R² needs fewer trials.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from threefactor.contract import Learner, Network, Outcome, Rule
from threefactor.kernels.torch.eligibility_sums import basis_eligibilities
from threefactor.learning_rules.polynomial import Polynomial, deviation, unit_step_weights
from threefactor.training.environment import Environment, experience
from threefactor.training.trial import learn, start_learning


class Moments(NamedTuple):
    """Second moments of the basis eligibilities and of the eligibility e of node perturbation."""

    basis: Tensor  # p p, float64
    cross: Tensor  # p
    perturbation: Tensor  # scalar


def moments(
    rule: Rule,
    network: Network,
    environment: Environment,
    trials: int,
    *,
    generator: Callable[[int], Generator],
) -> Moments:
    """Sum the moments over trials in which the weights stay as they are.

    Parameters
    ----------
    rule
        A polynomial rule, of whose terms there are p; its theta does not matter.
    network
        Some networks.
    environment
        Task and noise.
    trials
        Number of trials.
    generator
        Of the noise of trial h.
    """
    frozen = rule._replace(warm_up=trials)
    learner: Learner = start_learning(frozen, network, len(environment.task.trial_types))
    total: Moments | None = None
    for h in range(trials):
        before = learner
        learner, outcome = learn(frozen, before, *experience(environment, network, h, generator=generator(h)))
        found = _trial(rule.params, before, outcome)
        total = found if total is None else Moments(*(a + b for a, b in zip(total, found, strict=True)))
    if total is None:
        raise ValueError("trials = 0: must be at least 1")
    return total


def best_fit(found: Moments) -> Tensor:
    """Return theta of the least-squares combination, as float64; p."""
    size = found.basis.diagonal().sqrt()
    ridge = 1e-6 * torch.eye(len(size), dtype=size.dtype, device=size.device)
    return torch.linalg.solve(found.basis / size / size[:, None] + ridge, found.cross / size) / size


def r2(found: Moments, theta: Tensor) -> float:
    """Return R², the squared (uncentred) correlation of theta's eligibility (p) and that of node perturbation."""
    theta = theta.to(found.cross)
    return float((theta @ found.cross) ** 2 / (theta @ found.basis @ theta * found.perturbation))


def _trial(params: Polynomial, before: Learner, outcome: Outcome) -> Moments:
    """Return the moments of one trial."""
    network, trajectory = before.network, outcome.trajectory
    change, _ = deviation(params, before.memory, trajectory)
    weight = unit_step_weights(params, network, change)
    made = basis_eligibilities(params.terms, change, trajectory.rate, weight).double()
    true = ((weight * network.leak * trajectory.perturbation).mT @ trajectory.rate).double()
    return Moments(
        torch.einsum("bpij,bqij->pq", made, made),
        torch.einsum("bpij,bij->p", made, true),
        true.square().sum(),
    )
