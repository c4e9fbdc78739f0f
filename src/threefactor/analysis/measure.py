"""What a measure of networks is."""

import functools
from collections.abc import Callable, Sequence
from typing import NamedTuple

from torch import Tensor

EVERY, FIRST, LAST = slice(None), slice(0, 1), slice(-1, None)
"""Which factors of a task a measure is of; the first is what the delay holds, the last what the decision gives."""


class Measure(NamedTuple):
    """One number per network.

    A measure of factors of the task has ``{factor}`` in its name and meaning, and a function that takes the factor, too.
    """

    name: str  # of the column
    unit: str  # empty for none
    meaning: str
    function: Callable[..., Tensor]  # of `Known`; b values, or fewer where only the first networks have one
    factors: slice | None = None  # EVERY, FIRST or LAST for a measure of factors of the task
    label: str = ""  # short, for figures; empty for the name
    compared: bool = False  # whether its mean over networks stands in spread.csv

    def of(self, factors: Sequence[str]) -> "list[Measure]":
        """List the measure itself or, where it is one of factors of the task, one for each of its factors."""
        if self.factors is None:
            return [self]
        return [
            self._replace(
                name=self.name.format(factor=factor),
                meaning=self.meaning.format(factor=factor),
                function=functools.partial(self.function, factor=factor),
            )
            for factor in list(factors)[self.factors]
        ]
