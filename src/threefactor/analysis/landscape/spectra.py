"""The spectra of the weights and of what learning changed in them."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from threefactor.analysis.landscape.eigenvalues import sorted_eigenvalues
from threefactor.analysis.table import LEVEL, NETWORK, RULE, Column, Table

SPECTRUM = Table(
    "an analysed network, level of error and index",
    (
        *(RULE, NETWORK, LEVEL),
        Column("index", "", "place by decreasing size, from 1"),
        Column("singular_value", "", "singular value of the weight change"),
        Column("initial_real", "", "real part of an eigenvalue of W before learning, among free units"),
        Column("initial_imaginary", "", "its imaginary part"),
        Column(
            "final_real", "", "real part of an eigenvalue of W after learning; empty beyond the free units"
        ),
        Column("final_imaginary", "", "its imaginary part"),
    ),
)
"""Columns of ``spectrum.csv``."""


class Spectra(NamedTuple):
    """Spectra of b networks of N units, f of which are free."""

    change: Tensor  # b N, singular values of the weight change, decreasing
    initial: Tensor  # b f, complex eigenvalues of the weights among free units before learning
    final: Tensor  # b f, after learning


def spectra(initial: Tensor, final: Tensor, clamped: Tensor) -> Spectra:
    """Give the spectra of the weights and of their change.

    Parameters
    ----------
    initial, final : Tensor
        Weights before and after learning, (b, i, j).
    clamped : Tensor
        True on clamped units, (i).
    """
    free = ~clamped
    before, after = (sorted_eigenvalues(weights[:, free][:, :, free]) for weights in (initial, final))
    return Spectra(torch.linalg.svdvals(final - initial), before, after)


def spectrum_table(network: list[int], found: Spectra) -> pd.DataFrame:
    """Put spectra into a table, a row per network and index; NaN beyond the free units."""
    singular, before, after = found
    batch, units = singular.shape
    eigenvalues = torch.stack([before.real, before.imag, after.real, after.imag])
    padded = torch.full((4, batch, units), torch.nan, dtype=singular.dtype, device=singular.device)
    padded[:, :, : before.shape[1]] = eigenvalues
    names = ("initial_real", "initial_imaginary", "final_real", "final_imaginary")
    values = {"singular_value": singular, **dict(zip(names, padded, strict=True))}
    table = pd.DataFrame({name: value.flatten().cpu().numpy() for name, value in values.items()})
    return table.assign(network=np.repeat(network, units), index=np.tile(np.arange(1, units + 1), batch))
