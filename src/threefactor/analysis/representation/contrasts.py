"""The variables of a trial type: its stimuli and whether they differ."""

import torch
from torch import Tensor

VARIABLES = ("first", "second", "choice")


def contrasts(kinds: tuple[str, ...]) -> Tensor:
    """Label trial types that are named by their two stimuli.

    Parameters
    ----------
    kinds : tuple of str
        Names such as ``"ab"``: first stimulus a, second b.

    Returns
    -------
    Tensor
        Labels ±1 of the variables `VARIABLES`, (y, v): first and second stimulus (−1 for a), choice (+1 where
        they differ).

    Raises
    ------
    ValueError
        If a name is not two letters out of a and b.
    """
    rows = []
    for kind in kinds:
        if len(kind) != 2 or set(kind) - set("ab"):
            raise ValueError(f"trial type = {kind!r}: allowed are two letters out of a and b")
        first, second = (1.0 if letter == "b" else -1.0 for letter in kind)
        rows.append([first, second, -first * second])
    return torch.tensor(rows, dtype=torch.float64)
