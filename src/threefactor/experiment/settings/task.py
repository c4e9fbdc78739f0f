"""Settings of the task."""

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any, Literal

from pydantic import Field

from threefactor.declarations import PACKAGE, declared, names_in
from threefactor.experiment.settings.block import Block, Name, Time
from threefactor.experiment.settings.declared import block_of
from threefactor.experiment.settings.errors import suggestion
from threefactor.experiment.view import value_at


class Task(Block):
    """Which task the networks learn; each task has a group of its own for what no other task reads."""

    name: Name = Field("dnms", description="file name of a task in src/threefactor/tasks, without .py")
    duration_ms: float = Field(1000.0, gt=0, description="length of a trial with the usual delay, in ms")
    delay_ms: Time = Field(
        "", description="length of the delay, the trial becoming as much longer, in ms, '' for the usual one"
    )
    target: float = Field(0.98, gt=0, lt=1, description="size of the target output, no unit")
    reward: Literal["graded", "squared", "correct"] = Field(
        "graded", description="how the error becomes a reward, see src/threefactor/tasks/reward.py"
    )


FIFTHS = 5  # equal parts of a trial that its periods are made of


def conflicts(settings: Any, place: str = "task.name") -> Iterator[str]:
    """Yield a line for each key of the task that does not fit.

    Parameters
    ----------
    settings
        With blocks task and network.
    place
        The key that names the task.
    """
    task, step = settings.task, settings.network.time_step_ms
    known = names_in("tasks", "make")
    if task.name not in known:
        yield f"{place} = {task.name!r}: must be one of {', '.join(known)}{suggestion(task.name, known, 'tasks')}"
        return
    says = declared(PACKAGE / "tasks" / f"{task.name}.py")
    block_of("tasks", task.name)  # refuses settings that are none
    for package in says.get("REQUIRES", ()):
        if find_spec(package) is None:
            yield f"{place} = {task.name!r}: must have the package {package}: pip install -e '.[{package}]'"
    yield from _outputs(settings, says.get("OUTPUTS"))
    length, delay = task.duration_ms, task.delay_ms
    if abs(length / step / FIFTHS - round(length / step / FIFTHS)) > 1e-9 or length < FIFTHS * step:
        yield f"task.duration_ms = {length}: must be a multiple of {FIFTHS * step} (5 time steps)"
    if delay != "" and (abs(delay / step - round(delay / step)) > 1e-9 or delay < step):
        yield f"task.delay_ms = {delay}: must be a multiple of {step} (a time step), or ''"


def _outputs(settings: Any, key: str | None) -> Iterator[str]:
    """Look at whether there are units for all outputs, where a setting of the task says how many there are."""
    network, name = settings.network, settings.task.name
    if key is None or network.readout != "unit":
        return
    outputs = value_at(settings, f"task.{name}.{key}")
    free, needed = network.units - len(network.clamped), 1 if network.activation == "tanh" else 2
    if needed * outputs > free:
        yield (
            f"task.{name}.{key} = {outputs}: must be at most {free // needed}, each output being {needed} of {free} "
            "free units"
        )
