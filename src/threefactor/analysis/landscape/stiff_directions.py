"""The directions in weight space in which the noise-free error bends most."""

import torch
from torch import Generator, Tensor

from threefactor.analysis.landscape.lanczos import lanczos
from threefactor.analysis.landscape.sharpness import free_weights
from threefactor.contract import Network
from threefactor.derivatives.hessian import linearise, product
from threefactor.training.environment import Task


def stiff_directions(
    network: Network, task: Task, count: int, products: int, *, generator: Generator
) -> Tensor:
    """Return the eigenvectors of the Hessian whose eigenvalues are largest in size; b k n, orthonormal, n = i j.

    Parameters
    ----------
    network
        b networks.
    task
        Whose noise-free trials the mean squared error is of (`threefactor.derivatives.hessian`).
    count
        k, of directions.
    products
        With the Hessian by which they are found, at least k; the last ones are approximate.
    generator
        Of the vectors that products start from.
    """
    point, free = linearise(network, task), free_weights(network).flatten(1)

    def times(vectors: Tensor) -> Tensor:
        return product(point, vectors.view_as(network.weights)).flatten(1)

    def draw() -> Tensor:
        drawn = torch.randn(free.shape, generator=generator, dtype=torch.float64)
        return drawn.to(network.weights) * free

    found = lanczos(times, draw, min(products, int(free.sum(1).min())))
    order = found.values.abs().argsort(dim=1, descending=True)[:, :count]
    return found.vectors.gather(1, order[:, :, None].expand(-1, -1, free.shape[1]))
