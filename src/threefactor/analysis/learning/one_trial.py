"""Look into one trial of one network that learns by a polynomial rule."""

from typing import NamedTuple

from torch import Tensor

from threefactor.contract import Experience, Network
from threefactor.learning_rules import polynomial
from threefactor.network.simulate import rate, simulate


class Look(NamedTuple):
    """What a few units did in one trial, and what the trial left in every synapse."""

    rate: Tensor  # t u
    deviation: Tensor  # t u, old trace minus new state
    perturbation: Tensor  # t u, jump of the state
    units: Tensor  # u
    output: Tensor  # t o
    eligibility: Tensor  # i j, ms


def look(params: polynomial.Polynomial, network: Network, sampled: Experience, units: int) -> Look:
    """Run one trial of the first network of a batch.

    Parameters
    ----------
    params : Polynomial
        The rule whose deviation and eligibility are looked at.
    network : Network
        A batch of networks.
    sampled : Experience
        Its trial, start and perturbations.
    units : int
        Number of units to look at: the free ones that were perturbed most often.
    """
    trajectory = simulate(network, sampled.trial.inputs, sampled.start, sampled.perturbation)
    deviation, _ = polynomial.deviation(params, polynomial.init(params, network), trajectory)
    eligibility = polynomial.eligibility(params, network, deviation, trajectory.rate)
    perturbation = network.leak * sampled.perturbation[0]
    often = (perturbation != 0).sum(0) * ~network.clamped
    chosen = often.argsort(descending=True, stable=True)[:units].sort().values
    after = rate(network, trajectory.state[0, 1:])
    return Look(
        after[:, chosen],
        deviation[0][:, chosen],
        perturbation[:, chosen],
        chosen,
        trajectory.output[0],
        eligibility[0],
    )
