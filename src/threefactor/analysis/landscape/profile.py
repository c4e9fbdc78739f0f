"""One number a network for each property of what learning did to its weights, and the spectra behind them."""

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from threefactor.analysis.landscape.eigenvalues import abscissa, eigenvalue_change, sorted_eigenvalues
from threefactor.analysis.landscape.weight_change import (
    rank_entropy,
    rank_participation,
    relative_change,
    top_fraction,
)


def spectra(initial: Tensor, final: Tensor, clamped: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Give the spectra of the weights and of their change.

    Parameters
    ----------
    initial, final : Tensor
        Weights before and after learning, (b, i, j).
    clamped : Tensor
        True on clamped units, (i).

    Returns
    -------
    tuple of Tensor
        Singular values of the change (b, i), and complex eigenvalues of the initial and of the final weights
        among the f free units, (b, f).
    """
    free = ~clamped
    before, after = (sorted_eigenvalues(weights[:, free][:, :, free]) for weights in (initial, final))
    return torch.linalg.svdvals(final - initial), before, after


def landscape_profile(
    initial: Tensor, final: Tensor, singular: Tensor, before: Tensor, after: Tensor
) -> dict[str, Tensor]:
    """Summarise weights (b, i, j) and their `spectra` as values (b) by the names of ``networks.csv``."""
    return {
        "change_norm": torch.linalg.matrix_norm(final - initial),
        "relative_change": relative_change(initial, final),
        "top_singular_fraction": top_fraction(singular),
        "rank_entropy": rank_entropy(singular),
        "rank_participation": rank_participation(singular),
        "abscissa_initial": abscissa(before),
        "abscissa_final": abscissa(after),
        "eigenvalue_change": eigenvalue_change(before, after),
    }


def spectrum_table(network: list[int], singular: Tensor, before: Tensor, after: Tensor) -> pd.DataFrame:
    """Put `spectra` into a table, a row per network and index; NaN beyond the free units."""
    batch, units = singular.shape
    eigenvalues = torch.stack([before.real, before.imag, after.real, after.imag])
    padded = torch.full((4, batch, units), torch.nan, dtype=singular.dtype, device=singular.device)
    padded[:, :, : before.shape[1]] = eigenvalues
    names = ("initial_real", "initial_imaginary", "final_real", "final_imaginary")
    values = {"singular_value": singular, **dict(zip(names, padded, strict=True))}
    table = pd.DataFrame({name: value.flatten().cpu().numpy() for name, value in values.items()})
    return table.assign(network=np.repeat(network, units), index=np.tile(np.arange(1, units + 1), batch))
