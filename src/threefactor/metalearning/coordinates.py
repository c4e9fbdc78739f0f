"""The coordinates in which theta is learned, and the way between them and theta.

    scaled theta = basis @ coordinates          theta = scale * scaled theta

with the scale and the basis of `threefactor.metalearning.scaling`: monomials that all move the weights alike, or
orthonormal mixtures of them. Without a basis, coordinates and scaled theta are the same.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from threefactor.contract import Rule


class CoordinateSystem(NamedTuple):
    """How theta is written while it is learned."""

    terms: tuple[tuple[int, int], ...]  # (k, l) of the p coefficients
    scale: Tensor  # p, theta / scaled theta, positive
    basis: Tensor | None = None  # p p, symmetric; None for scaled monomials


def scaled(system: CoordinateSystem, coordinates: Tensor) -> Tensor:
    """Return scaled theta from its coordinates; ... p."""
    return coordinates if system.basis is None else coordinates @ system.basis


def theta(system: CoordinateSystem, coordinates: Tensor) -> Tensor:
    """Return theta from its coordinates; ... p."""
    return system.scale * scaled(system, coordinates)


def coordinates(system: CoordinateSystem, theta: Tensor) -> Tensor:
    """Return the coordinates of theta; p."""
    scaled_theta = theta / system.scale
    return scaled_theta if system.basis is None else torch.linalg.solve(system.basis, scaled_theta)


def gradient(system: CoordinateSystem, theta_gradient: Tensor) -> Tensor:
    """Return a gradient with respect to the coordinates, from that with respect to theta; ... p."""
    return scaled(system, theta_gradient * system.scale)


def one_term(system: CoordinateSystem, term: tuple[int, int], sign: float) -> Tensor:
    """Return the coordinates of one scaled monomial with coefficient `sign`, all others being zero; p."""
    one = torch.tensor([sign if other == term else 0.0 for other in system.terms]).to(system.scale)
    return one if system.basis is None else coordinates(system, one * system.scale)


def with_theta(rule: Rule, values: Tensor) -> Rule:
    """Return a polynomial rule with other values of its terms (... p), all other coefficients being zero.

    Parameters
    ----------
    rule
        A polynomial rule, with p terms.
    values
        Of theta: p, or r p for r rules side by side, whose theta is r k l then.
    """
    k, l = torch.tensor(rule.params.terms).T
    matrix = values.new_zeros(*values.shape[:-1], *rule.params.theta.shape[-2:])
    matrix[..., k, l] = values
    return rule._replace(params=rule.params._replace(theta=matrix))
