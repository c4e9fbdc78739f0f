"""Classical multidimensional scaling: deterministic, no start, no iteration."""

import numpy as np
from numpy.typing import NDArray


def centred_products(distances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the inner products B = −½ C D² C with C = 1 − 11ᵀ/n of points with distances (n, n), as (n, n)."""
    squared = distances**2
    products = -0.5 * (squared - squared.mean(0) - squared.mean(1)[:, None] + squared.mean())
    return np.asarray((products + products.T) / 2)


def classical_mds(distances: NDArray[np.float64], count: int) -> tuple[NDArray[np.float64], float]:
    """Place points so that their distances resemble the given ones.

    Coordinates are leading eigenvectors of the inner products B times √eigenvalue (Torgerson 1952).

    Parameters
    ----------
    distances : ndarray
        Distances, (n, n).
    count : int
        Number of coordinates c.

    Returns
    -------
    tuple
        Coordinates (n, c) in the unit of the distances, the largest entry of each positive, and the fraction
        of the positive eigenvalues that they hold.
    """
    values, vectors = np.linalg.eigh(centred_products(distances))
    values, vectors = values[::-1].clip(min=0), vectors[:, ::-1]
    leading = vectors[:, :count] * np.sqrt(values[:count])
    sign = np.sign(leading[np.abs(leading).argmax(0), np.arange(leading.shape[1])])
    explained = values[:count].sum() / max(values.sum(), np.finfo(float).tiny)
    placed = np.zeros((len(distances), count))
    placed[:, : leading.shape[1]] = leading * np.where(sign == 0, 1, sign)
    return placed, float(explained)


def embedding(distances: NDArray[np.float64]) -> list[dict[str, float | int]]:
    """Map distances (n, n) onto a plane: n rows with row, x, y and the fraction explained."""
    placed, explained = classical_mds(distances, 2)
    return [
        {"row": at, "x": float(x), "y": float(y), "explained": explained} for at, (x, y) in enumerate(placed)
    ]
