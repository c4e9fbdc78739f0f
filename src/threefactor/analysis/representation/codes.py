"""Summaries of what can be decoded from each network, and when."""

import torch
from torch import Tensor

from threefactor.analysis.representation.contrasts import VARIABLES
from threefactor.analysis.representation.static_code import static_index


def code_profile(accuracy: Tensor, delay: Tensor, response: Tensor) -> dict[str, Tensor]:
    """Summarise how each network holds the first stimulus in the delay, and its choice in the response.

    Parameters
    ----------
    accuracy : Tensor
        Accuracies of the variables `VARIABLES`, (b, v, train t, test t).
    delay, response : Tensor
        True at the times of the first delay and of the response window, (t).

    Returns
    -------
    dict of Tensor
        Values (b) by the names of the columns of ``networks.csv``.
    """
    first = accuracy[:, VARIABLES.index("first")][:, delay][:, :, delay]
    choice = accuracy[:, VARIABLES.index("choice")].diagonal(dim1=-2, dim2=-1)
    return {
        "decoding_first_delay": first.diagonal(dim1=-2, dim2=-1).mean(-1),
        "static_first_delay": static_index(first),
        "decoding_choice_response": choice[:, response].mean(-1),
    }


def code_rows(accuracy: Tensor, times: Tensor) -> list[dict[str, float | int | str]]:
    """Give the accuracy at each time (t, ms), mean and quartiles over networks, a row each."""
    same = accuracy.diagonal(dim1=-2, dim2=-1)
    quartiles = torch.quantile(same, torch.tensor([0.25, 0.75]).to(same), dim=0)
    return [
        {
            "variable": name,
            "time_ms": float(times[t]),
            "accuracy": float(same[:, v, t].mean()),
            "low": float(quartiles[0, v, t]),
            "high": float(quartiles[1, v, t]),
            "networks": len(same),
        }
        for v, name in enumerate(VARIABLES)
        for t in range(len(times))
    ]
