"""Whether a task keeps to its contract, looked at once before training.

It costs 0.5 ms of CPU, for 100 steps and two trial types (`time.process_time`).
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

from threefactor.contract import Trial
from threefactor.declarations import ContractError
from threefactor.tasks.reward import REWARDS
from threefactor.training.checked import Checked, raised, tensor_fault
from threefactor.training.environment import Task

ATTRIBUTES = ("steps", "trial_types", "inputs", "outputs", "periods", "factors", "chance")

TOLERANCE = 1e-4
"""Of sums to one: 1e4 equal parts in float32 err by some 1e-5."""


def expect_task(name: str, task: Task, time_step: float, dtype: torch.dtype) -> None:
    """Refuse a task that does not keep to its contract; see `check`.

    Raises
    ------
    ContractError
        With the first fault, in one line.
    """
    for one in check(task, time_step, dtype):
        if one.fault:
            raise ContractError(f"tasks/{name}.py: {one.what} = {one.fault}")


def check(task: Task, time_step: float, dtype: torch.dtype) -> Iterator[Checked]:
    """Yield each thing that a task must be, as `threefactor.training.environment.Task` says; end where it is not.

    Parameters
    ----------
    task
        As its ``make`` returned it.
    time_step
        dt, ms.
    dtype
        Of the tensors that are asked for.
    """
    for name in ATTRIBUTES:
        if not hasattr(task, name):
            yield Checked(name, "nothing: must be an attribute of the task")
            return
    own = [
        *(_whole(task, name) for name in ("steps", "inputs", "outputs")),
        _types(task.trial_types),
        _factors(task.factors, task.trial_types),
        _periods(task.periods, task.steps * time_step),
        Checked("chance", "" if 0 <= task.chance <= 1 else f"{task.chance}: must be from 0 to 1"),
    ]
    yield from own
    if any(one.fault for one in own):
        return
    for words, seed in (("without noise", None), ("with noise", 0)):
        yield from _drawn(task, words, seed, dtype)


def _whole(task: Task, name: str) -> Checked:
    value = getattr(task, name)
    is_count = isinstance(value, int) and value >= 1
    return Checked(name, "" if is_count else f"{value!r}: must be a whole number from 1 on")


def _types(names: Any) -> Checked:
    is_list = (
        isinstance(names, tuple | list) and len(names) > 0 and all(isinstance(one, str) for one in names)
    )
    if not is_list or len(set(names)) < len(names):
        return Checked("trial_types", f"{names!r}: must be a tuple of texts, each once, as ('go', 'nogo')")
    return Checked("trial_types")


def _factors(factors: Any, names: Any) -> Checked:
    if not isinstance(factors, Mapping) or not factors:
        return Checked("factors", f"{factors!r}: must have a name, as {{'cue': (0, 1)}}")
    for name, classes in factors.items():
        if len(classes) != len(names):
            return Checked(
                f"factors[{name!r}]", f"{classes}: must have {len(names)} classes, one a trial type"
            )
        if not all(isinstance(one, int) and one >= 0 for one in classes):
            return Checked(f"factors[{name!r}]", f"{classes}: must be whole numbers from 0 on")
    return Checked("factors")


def _periods(periods: Any, length: float) -> Checked:
    if not isinstance(periods, Mapping) or "decision" not in periods:
        return Checked("periods", f"{periods!r}: must have one that is called 'decision'")
    for name, (onset, end) in periods.items():
        if not -1e-6 <= onset < end <= length + 1e-6:
            return Checked(
                f"periods[{name!r}]", f"({onset}, {end}) ms: must lie within a trial of {length} ms"
            )
    return Checked("periods")


def _drawn(task: Task, words: str, seed: int | None, dtype: torch.dtype) -> Iterator[Checked]:
    """Draw a trial of each type, and look at all of its parts."""
    asked = torch.arange(len(task.trial_types))
    generator = None if seed is None else torch.Generator().manual_seed(seed)
    try:
        trial: Any = task.draw(asked.clone(), generator=generator, dtype=dtype)
    except Exception as problem:  # whatever a user's file raises
        yield Checked(f"draw {words}", raised(problem, task.draw))
        return
    if not isinstance(trial, Trial):
        yield Checked(f"draw {words}", f"{type(trial).__name__}: must be a Trial")
        return
    batch, steps = len(asked), task.steps
    shapes = {
        "inputs": ("b t c", (batch, steps, task.inputs)),
        "target": ("b t o", (batch, steps, task.outputs)),
        "window": ("b t", (batch, steps)),
        "share": ("b o", (batch, task.outputs)),
    }
    for name, (axes, shape) in shapes.items():
        if name != "share" or trial.share is not None:
            value = getattr(trial, name)
            fault = tensor_fault(value, axes, shape, dtype) or _not_finite(value)
            yield Checked(f"{name} {words}", fault)
            if fault:
                return
    yield from _sums(trial, words)
    is_asked = isinstance(trial.trial_type, Tensor) and torch.equal(trial.trial_type, asked)
    yield Checked(f"trial_type {words}", "" if is_asked else "others: must be the types that were asked for")
    yield Checked(
        "reward", "" if trial.reward in REWARDS else f"{trial.reward!r}: must be one of {', '.join(REWARDS)}"
    )


def _not_finite(value: Tensor) -> str:
    broken = int((~value.isfinite()).sum())
    return f"{broken} of {value.numel()} numbers not finite: must be finite" if broken else ""


def _sums(trial: Trial, words: str) -> Iterator[Checked]:
    """Look at whether what weighs times and outputs are shares."""
    for name, over in (("window", "time"), ("share", "outputs")):
        values = getattr(trial, name)
        if values is None:
            continue
        sums = values.sum(1)
        worst = float(sums[(sums - 1).abs().argmax()])
        fault = (
            ""
            if math.isclose(worst, 1, abs_tol=TOLERANCE)
            else f"sums to {worst:g}: must sum to 1 over {over}"
        )
        if bool((values < 0).any()):
            fault = f"{float(values.min()):g} somewhere: must be zero or more"
        yield Checked(f"{name} {words}", fault)
