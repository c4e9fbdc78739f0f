"""Distances between the recurrent weights of networks, unit by unit or after the best permutation of units.

The permutation is sought by fast approximate graph matching (Vogelstein et al. 2015; SciPy), which finds a local minimum.

128 units: 0.3 s of CPU for all pairs of 192 networks, unit by unit; with the permutation 0.02 s a pair
(``python -m benchmarks distances``), and less where both networks have one initialisation.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import quadratic_assignment
from torch import Tensor

from threefactor.analysis.solutions.compared import Compared
from threefactor.analysis.solutions.pairs import over_pairs


def weight_distance(weights: Tensor) -> Tensor:
    """Give ‖W₁ − W₂‖_F / N of all pairs of networks (n, i, j), as (n, n): the root mean square difference of a weight."""
    flat = weights.flatten(1)
    # differences themselves: a product would lose the digits of networks that are nearly the same
    exact = torch.cdist(flat, flat, compute_mode="donot_use_mm_for_euclid_dist")
    return exact / flat.shape[1] ** 0.5


def graph(compared: Compared) -> Tensor:
    """Give the weighted graph of the units, inputs and outputs of each network, in this order; (n, i+c+o, i+c+o)."""
    count, units, channels = compared.input_weights.shape
    size = units + channels + compared.output_weights.shape[1]
    whole = compared.weights.new_zeros(count, size, size)
    whole[:, :units, :units] = compared.weights
    whole[:, :units, units : units + channels] = compared.input_weights
    whole[:, units + channels :, :units] = compared.output_weights
    return whole


def best_permutation(
    first: NDArray[np.float64], second: NDArray[np.float64], units: int
) -> NDArray[np.int64]:
    """Find which unit of the second graph takes the place of each unit of the first, with inputs and outputs held."""
    held = np.arange(units, len(first))
    found = quadratic_assignment(
        first, second, method="faq", options={"maximize": True, "partial_match": np.stack([held, held], 1)}
    )
    return np.asarray(found.col_ind[:units])


def aligned_weight_distance(compared: Compared) -> Tensor:
    """Give the root mean square difference of recurrent weights after the units of one network are permuted.

    d = ‖W₁ − P W₂ Pᵀ‖_F / N (Huang et al. 2025). A unit takes its input and readout weights along, so P makes the
    difference of all three small: min_P ‖W₁ − P W₂ Pᵀ‖² + ‖W_in₁ − P W_in₂‖² + ‖W_out₁ − W_out₂ Pᵀ‖².

    Returns
    -------
    Tensor
        Distances, (n, n), in units of a weight. No metric, since P is a local minimum.
    """
    # ASSUME: the search stops at a local minimum; other starts change d of unrelated networks by about 1 %.
    graphs, units = graph(compared).cpu().numpy(), compared.weights.shape[1]

    def aligned(first: Tensor, second: Tensor) -> Tensor:
        found = []
        for one, other in zip(first.tolist(), second.tolist(), strict=True):
            permuted = best_permutation(graphs[one], graphs[other], units)
            change = graphs[one][:units, :units] - graphs[other][np.ix_(permuted, permuted)]
            found.append(float(np.sqrt(np.mean(change**2))))
        return torch.tensor(found).to(compared.weights)

    return over_pairs(aligned, compared.weights)
