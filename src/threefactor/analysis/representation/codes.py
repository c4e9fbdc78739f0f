"""Summaries of what can be decoded from each network, and when."""

from collections.abc import Mapping

import torch
from torch import Tensor

from threefactor.analysis.representation.static_code import static_index
from threefactor.analysis.table import RULE, Column, Table

DECODING = Table(
    "a learning rule, factor and time",
    (
        RULE,
        Column("variable", "", "factor of the task that is decoded"),
        Column("time_ms", "ms", "time since trial onset"),
        Column("accuracy", "fraction of trials", "accuracy of the decoder, mean over networks"),
        Column("low", "fraction of trials", "lower quartile over networks"),
        Column("high", "fraction of trials", "upper quartile over networks"),
        Column("networks", "networks", "networks that were decoded"),
    ),
)
"""Columns of ``decoding.csv``."""


def accuracy_within(accuracy: Tensor, times: Tensor) -> Tensor:
    """Give the mean accuracy (b) of decoders trained and tested at the same time, within some times.

    Parameters
    ----------
    accuracy : Tensor
        Of decoders trained at one time and tested at another, (b, train t, test t).
    times : Tensor
        True at the times that count, (t); NaN where none does.
    """
    return accuracy.diagonal(dim1=-2, dim2=-1)[:, times].mean(-1)


def static_within(accuracy: Tensor, times: Tensor, chance: float) -> Tensor:
    """Give the `static_index` (b) of accuracies (b, train t, test t) within some times (t)."""
    return static_index(accuracy[:, times][:, :, times], chance)


def code_rows(accuracy: Mapping[str, Tensor], times: Tensor) -> list[dict[str, float | int | str]]:
    """Give the accuracy of each factor at each time (t, ms), mean and quartiles over networks, a row each."""
    rows: list[dict[str, float | int | str]] = []
    for name, whole in accuracy.items():
        same = whole.diagonal(dim1=-2, dim2=-1)
        if not len(same):
            continue
        quartiles = torch.quantile(same, torch.tensor([0.25, 0.75]).to(same), dim=0)
        rows += [
            {
                "variable": name,
                "time_ms": float(times[t]),
                "accuracy": float(same[:, t].mean()),
                "low": float(quartiles[0, t]),
                "high": float(quartiles[1, t]),
                "networks": len(same),
            }
            for t in range(len(times))
        ]
    return rows
