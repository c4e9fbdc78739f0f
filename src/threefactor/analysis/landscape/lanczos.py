"""Eigenvalues of large symmetric matrices that are known by their products alone: Lanczos, batched over matrices.

``H Q = Q T + rest`` with an orthonormal basis Q (b k n) that starts at a random vector, and T (b k k) tridiagonal. The
eigenvalues of T, Ritz values, find those at the ends of the spectrum of H first. With the first components τ of its
eigenvectors they are a quadrature, ``v^T f(H) v = Σ_k τ_k² f(θ_k)`` exactly for polynomials f of degree below 2 k, v
being the start at unit norm (Golub & Welsch 1969; Ubaru, Chen & Saad 2017). Each new vector is made orthogonal to all
before it, twice: k is small here, and copies of eigenvalues would be counted twice.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

Product = Callable[[Tensor], Tensor]
"""Of vectors (b n), one for each of b symmetric matrices, to vectors (b n)."""

_EXHAUSTED = 100  # a rest of so many roundings is no direction


class Ritz(NamedTuple):
    """What k products tell of each of b spectra."""

    values: Tensor  # b k, rising
    share: Tensor  # b k, tau squared: the part of the start along each Ritz vector; sums to one
    vectors: Tensor  # b k n, orthonormal, in the order of the values
    rest: Tensor  # b k, norm of H v - theta v: an eigenvalue is no further from a Ritz value


def lanczos(product: Product, draw: Callable[[], Tensor], steps: int) -> Ritz:
    """Find Ritz values and vectors from `steps` products.

    Parameters
    ----------
    product
        H v for each matrix.
    draw
        Random vectors (b n) of the space that H acts on: the start, and where to go on once the basis spans all that the
        start can reach.
    steps
        k, at most the dimension of that space.
    """
    start = draw()
    basis = start.new_zeros(len(start), steps, start.shape[1])
    diagonal, beside = start.new_zeros(2, len(start), steps)
    basis[:, 0] = start / start.norm(dim=1, keepdim=True)
    for k in range(steps):
        image = product(basis[:, k])
        diagonal[:, k] = (image * basis[:, k]).sum(1)
        rest = _orthogonal(image, basis[:, : k + 1])
        beside[:, k] = rest.norm(dim=1)
        if k + 1 < steps:
            exhausted = beside[:, k] <= rounding(image)
            if exhausted.any():
                beside[exhausted, k] = 0
                rest = torch.where(exhausted[:, None], _orthogonal(draw(), basis[:, : k + 1]), rest)
            basis[:, k + 1] = rest / rest.norm(dim=1, keepdim=True)
    return _ritz(diagonal, beside, basis)


def _ritz(diagonal: Tensor, beside: Tensor, basis: Tensor) -> Ritz:
    """Solve the tridiagonal matrices of a basis."""
    between = beside[:, :-1]
    matrix = torch.diag_embed(diagonal) + torch.diag_embed(between, 1) + torch.diag_embed(between, -1)
    values, vectors = torch.linalg.eigh(matrix.double())
    values, vectors = values.to(basis), vectors.to(basis)
    rest = beside[:, -1:] * vectors[:, -1].abs()
    return Ritz(values, vectors[:, 0].square(), vectors.mT @ basis, rest)


def without(vectors: Tensor, basis: Tensor) -> Tensor:
    """Return vectors (b n) without their parts along orthonormal ones (b k n), of which some may be zero."""
    return vectors - ((vectors[:, None] @ basis.mT) @ basis)[:, 0]


def unit_rest(vectors: Tensor, basis: Tensor) -> Tensor:
    """Return what vectors (b n) have across a basis (b k n), at unit norm; zero where that is no more than rounding."""
    rest = _orthogonal(vectors, basis)
    size, least = rest.norm(dim=1, keepdim=True), rounding(vectors)[:, None]
    return torch.where(size > least, rest / size, 0)


def rounding(vectors: Tensor) -> Tensor:
    """Return the norm up to which a rest of vectors (b n) is no direction but rounding; b."""
    return _EXHAUSTED * torch.finfo(vectors.dtype).eps * vectors.norm(dim=1)


def _orthogonal(vectors: Tensor, basis: Tensor) -> Tensor:
    """Return vectors (b n) without their parts along a basis (b k n), to rounding."""
    return without(without(vectors, basis), basis)
