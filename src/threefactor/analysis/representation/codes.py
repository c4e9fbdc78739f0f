"""Summaries of what can be decoded from each network, and when."""

from collections.abc import Mapping

import torch
from torch import Tensor

from threefactor.analysis.representation.static_code import static_index


def code_profile(
    accuracy: Mapping[str, Tensor], chance: float, delay: Tensor, decision: Tensor
) -> dict[str, Tensor]:
    """Summarise how each network holds the first factor in the delay, and the last, its choice, in the decision.

    Parameters
    ----------
    accuracy : mapping of str to Tensor
        Accuracies of each factor in the task's order, (b, train t, test t).
    chance : float
        Accuracy of guessing the first factor.
    delay, decision : Tensor
        True at the times of the delay and of the decision, (t).

    Returns
    -------
    dict of Tensor
        Values (b) by the names of the columns of ``networks.csv``; NaN where a task has no delay.
    """
    held, choice = next(iter(accuracy)), list(accuracy)[-1]
    first = accuracy[held][:, delay][:, :, delay]
    decided = accuracy[choice].diagonal(dim1=-2, dim2=-1)
    return {
        f"decoding_{held}_delay": first.diagonal(dim1=-2, dim2=-1).mean(-1),
        f"static_{held}_delay": static_index(first, chance),
        f"decoding_{choice}_response": decided[:, decision].mean(-1),
    }


def code_rows(accuracy: Mapping[str, Tensor], times: Tensor) -> list[dict[str, float | int | str]]:
    """Give the accuracy of each factor at each time (t, ms), mean and quartiles over networks, a row each."""
    rows: list[dict[str, float | int | str]] = []
    for name, whole in accuracy.items():
        same = whole.diagonal(dim1=-2, dim2=-1)
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
