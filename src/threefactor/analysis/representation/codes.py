"""Summaries of what can be decoded from each network, and when."""

from torch import Tensor

from threefactor.analysis.representation.static_code import static_index


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
