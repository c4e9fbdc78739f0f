"""What a stage is: everything that the pipeline, the command line and the Snakefile know of it.

A stage is a folder of `threefactor.stages` with ``spec.py`` (its `SPEC`), ``settings.py``, ``compute.py`` and
``figures/``.  This module imports neither torch nor pandas, and neither must a ``spec.py``.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

Settings = Any
"""All settings of an experiment, as `threefactor.pipeline.settings.model` composes them, or a view of them."""

Values = Mapping[str, str]
"""Values of wildcards, by name."""


def _once(settings: Settings) -> Iterable[Values]:
    return [{}]


def _same(settings: Settings, values: Values) -> Settings:
    return settings


def task_of_settings(settings: Settings, values: Values) -> Iterable[str]:
    """Name the task of the experiment: what most jobs run."""
    return [settings.task.name]


def nothing(settings: Settings, values: Values) -> Iterable[str]:
    """Name nothing."""
    return []


class Input(NamedTuple):
    """Files that a job reads under one name."""

    pattern: str  # below the results, with wildcards: metalearn/{learned_rule}/theta.csv
    values: Callable[[Settings, Values], Iterable[Values]] | None = None
    """Values of the wildcards that the job itself has not; None: those of all jobs that make such files."""


class Spec(NamedTuple):
    """One stage."""

    name: str
    help: str  # what it does, in one line that starts with a verb
    outputs: Mapping[str, str]  # pattern below the results, by name
    inputs: Mapping[str, Input] = {}
    wildcards: Mapping[str, str] = {}  # what tells its jobs apart: name and meaning
    jobs: Callable[[Settings], Iterable[Values]] = _once  # values of the wildcards of every job
    settings: tuple[str, ...] = ()
    """Keys and groups of settings that a job reads.  ``{wildcard}`` stands for the job's own value, ``{task}`` and
    ``{rule}`` for each task and learning rule that it runs."""
    effective: Callable[[Settings, Values], Settings] = _same  # the settings that hold in a job
    tasks: Callable[[Settings, Values], Iterable[str]] = nothing  # tasks that it runs, by name
    rules: Callable[[Settings, Values], Iterable[str]] = nothing  # learning rules that it runs, by name
    modules: Callable[[Settings, Values], Iterable[str]] = nothing  # other modules that it imports by name
    accepts: Callable[[Settings, Values], str | None] = lambda settings, values: None
    """What is wrong with a job that `jobs` does not list, in one line; None: nothing, it can be run by hand."""
    memory_mb: int = 4000
    minutes: int = 60
    priority: int = 0
    tables: Mapping[str, str] = {}  # outputs that the report shows, each with the figure whose caption it has


NUMBERS = ("seed", "device", "precision", "tf32")
"""Settings of every stage that computes with tensors."""

LEARNING = (
    *("task.name", "task.duration_ms", "task.delay_ms", "task.target", "task.reward", "task.{task}"),
    *("network", "perturbation", "plasticity"),
)
"""Settings of every stage in which networks learn."""

CRITERION = ("criterion.window", "criterion.fraction", "criterion.error")
"""Settings that say what a good trial is, without the horizon."""
