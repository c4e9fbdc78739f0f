"""The rank null: weight changes with the singular values of learned ones, in random directions.

What follows from the rank and size of ΔW alone is there in these networks too. They do not solve the task: their
noise-free error (`threefactor.training.evaluation.evaluate`) belongs beside whatever is compared with them.

Cost, of one network of 128 units: 0.002 s of CPU (``python -m benchmarks measures``).
"""

import torch
from torch import Generator, Tensor

from threefactor.contract import Network


def with_random_directions(initial: Network, final: Network, *, generator: Generator) -> Network:
    """Return networks that changed as much, along as many directions, but along random ones.

    ``W(0) + U diag(σ) V^T`` with the singular values σ of ΔW = W - W(0) of the free rows, U and V being uniformly
    distributed orthonormal columns (Haar; Mezzadri 2007).

    Parameters
    ----------
    initial, final
        b networks before and after learning, whose readout is that of `final`.
    generator
        Of the directions.

    Raises
    ------
    ValueError
        If synapses constrain the weights: random directions would move what must be zero.
    """
    for name in ("exists", "sign"):
        if getattr(initial, name) is not None:
            raise ValueError(f"{name} = a tensor: must be None, or the spectrum could not be kept")
    free = ~initial.clamped
    singular = torch.linalg.svdvals((final.weights - initial.weights)[:, free])
    batch, units, count = len(singular), len(free), singular.shape[1]
    left = haar(batch, int(free.sum()), count, generator=generator).to(singular)
    right = haar(batch, units, count, generator=generator).to(singular)
    weights = initial.weights.clone()
    weights[:, free] += (left * singular[:, None]) @ right.mT
    return final._replace(weights=weights)


def haar(batch: int, size: int, count: int, *, generator: Generator) -> Tensor:
    """Draw uniformly distributed matrices of orthonormal columns, (b, size, count), float64."""
    drawn = torch.randn(batch, size, count, generator=generator, dtype=torch.float64)
    basis, upper = torch.linalg.qr(drawn)
    return basis * torch.sign(torch.diagonal(upper, dim1=1, dim2=2))[:, None]
