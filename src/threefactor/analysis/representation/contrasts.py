"""The factors that trial types differ in, as columns of numbers."""

from collections.abc import Sequence

import torch
from torch import Tensor


def contrasts(classes: Sequence[int]) -> Tensor:
    """Turn the classes of a factor into columns whose squared slopes add up to the variance between classes.

    Two classes that are as frequent give one column ±1 (+1 for class 1). Any others give an indicator of each class c of
    frequency f_c, 1/√f_c in the class and 0 elsewhere, so that a slope is √f_c times the mean of the class.

    Parameters
    ----------
    classes : sequence of int
        Class of each trial type y, from 0.

    Returns
    -------
    Tensor
        Columns, (y, v).
    """
    label = torch.tensor(classes)
    if set(classes) == {0, 1} and 2 * sum(classes) == len(classes):
        return (2.0 * label - 1)[:, None].double()
    indicator = torch.nn.functional.one_hot(label).double()
    return indicator / indicator.mean(0).sqrt()


def guessing(classes: Sequence[int]) -> float:
    """Return the accuracy of always naming the most frequent class."""
    return max(classes.count(label) for label in classes) / len(classes)


def signs(classes: Tensor) -> Tensor:
    """Turn the class of each trial (h) into labels ±1 to fit a linear classifier on, (h, v).

    Two classes give one column (+1 for class 1); more give a column each, one against the rest.
    """
    count = int(classes.max()) + 1
    if count == 2:
        return (2.0 * classes - 1)[:, None].double()
    return 2 * torch.nn.functional.one_hot(classes, count).double() - 1
