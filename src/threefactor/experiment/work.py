"""What a stage is given to compute with: its settings, its inputs, and a way to run what takes long."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar

import pandas as pd

from threefactor.experiment.view import View

if TYPE_CHECKING:
    import torch  # not at run time: most figures need none, and importing it takes longer than they do
    from matplotlib.figure import Figure
    from torch import Tensor

State = TypeVar("State")
Item = TypeVar("Item")

Output = Any
"""A table, named arrays, a JSON object, a drawing or a text; the suffix of its path says which."""


class Loop(NamedTuple, Generic[State]):
    """Work in many steps that can be stopped after any of them and gone on with.

    The state is made of tensors and numbers in named and plain tuples, lists and dicts.
    """

    state: State  # where it begins
    step: Callable[[State], State]
    is_finished: Callable[[State], bool]
    done: Callable[[State], int]  # pieces of work done so far
    total: int  # pieces of work in all, at most
    unit: str  # what the pieces are, "trials of learning"
    metrics: Callable[[State], Mapping[str, float]] = lambda state: {}  # to be tracked after a step


class Results(NamedTuple):
    """What a job made."""

    outputs: Mapping[str, Output]  # by the names that the spec declares
    metrics: Mapping[str, float] = {}  # numbers to be tracked beside them


class Inputs(Protocol):
    """The files that a job reads, by the names that its spec or figure declares."""

    @property
    def settings(self) -> View:
        """The settings that were declared, in force for this job."""

    def paths(self, name: str) -> Sequence[Path]:
        """Return the files of an input."""

    def table(self, name: str) -> pd.DataFrame:
        """Read the one table of an input."""

    def joined(self, name: str) -> pd.DataFrame:
        """Read all tables of an input below each other, with a column for each wildcard that they lack."""

    def by(self, name: str, wildcard: str) -> dict[str, pd.DataFrame]:
        """Read all tables of an input, by the value of a wildcard in their path."""

    def arrays(self, name: str) -> "dict[str, Tensor]":
        """Read the one file of arrays of an input, to the job's device."""

    def each_arrays(self, name: str) -> "Iterator[tuple[dict[str, str], dict[str, Tensor]]]":
        """Read the files of arrays of an input one after the other, each with the values of its wildcards."""

    def json(self, name: str) -> dict[str, Any]:
        """Read the one JSON object of an input."""


class Work(Inputs, Protocol):
    """A job, as a stage's ``compute`` sees it."""

    @property
    def wildcards(self) -> Mapping[str, str]:
        """What tells this job from its siblings."""

    @property
    def device(self) -> "torch.device":
        """Where tensors live."""

    @property
    def log(self) -> logging.Logger:
        """For what a person should read while the job runs."""

    def run(self, loop: Loop[State]) -> State:
        """Run a loop to its end, from where a killed job left it; return its last state."""

    def each(self, items: Sequence[Item], unit: str) -> Iterable[Item]:
        """Pass the items on, showing how far the job is."""


class Drawing(NamedTuple):
    """A figure, and the numbers that its caption states."""

    figure: "Figure"
    findings: Mapping[str, Any]  # numbers, texts of names, lists and groups of them
