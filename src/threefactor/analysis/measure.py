"""What a measure of networks is, and what it is computed from."""

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from torch import Tensor

from threefactor.analysis.attractors.attractor_table import Census
from threefactor.analysis.group import Group, Moments
from threefactor.analysis.landscape.fixed_point_table import Search
from threefactor.analysis.landscape.sharpness import Sharpness
from threefactor.analysis.landscape.spectra import Spectra
from threefactor.analysis.landscape.tangent_change import TangentChange
from threefactor.analysis.representation.components import Components
from threefactor.training.environment import Task

EVERY, FIRST, LAST = slice(None), slice(0, 1), slice(-1, None)
"""Which factors of a task a measure is of; the first is what the delay holds, the last what the decision gives."""


class Costly(NamedTuple):
    """What takes long, of the first b' networks."""

    census: Census
    tangent: TangentChange
    sharpness: Sharpness
    slow: Tensor  # b', slow points that are no fixed points, over all constant inputs
    rank: Tensor  # b', smallest rank of the weight change that keeps the error at the level
    rank_of_weights: Tensor  # b', smallest rank of the weights among free units that does


class Known(NamedTuple):
    """The b networks of one learning rule, before and after learning, in noise-free trials of every type y.

    Rates and states are those of the i free units, at the moments t.
    """

    group: Group  # the networks
    task: Task
    moments: Moments
    before: Tensor  # b y t i, rates before learning
    after: Tensor  # b y t i, rates after learning
    components: Components  # of the rates after learning, all trials and moments together
    speed: Tensor  # b y t, of the state after learning, per ms
    spectra: Spectra
    accuracy: Mapping[
        str, Tensor
    ]  # of decoders by factor, b' t t trained × tested, of the first b' ≤ b networks
    search: Search  # fixed points of the first networks
    costly: Costly | None  # None for no network
    shape_components: int  # principal components that enter a Procrustes distance

    def during(self, period: str) -> Tensor:
        """Tell which moments (t) lie in a period of the task; none do where it has no such period."""
        return self.moments.within(self.task.periods.get(period))


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
