"""Turn settings into values of the core: task, environment, networks, noise, criterion."""

from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

import torch
from torch import Generator

from threefactor import seeding
from threefactor.contract import Network
from threefactor.declarations import ContractError, imported
from threefactor.experiment import perturbations
from threefactor.experiment.settings.errors import SettingsError
from threefactor.experiment.view import value_at
from threefactor.kernels.activation import is_signed
from threefactor.network import initial
from threefactor.training.batch import convert
from threefactor.training.checked import raised
from threefactor.training.environment import Environment, Task
from threefactor.training.learning_run import Criterion
from threefactor.training.task_checks import expect_task


def dtype(settings: Any) -> torch.dtype:
    """Return the floating point type."""
    return {"float32": torch.float32, "float64": torch.float64}[settings.precision]


def task(settings: Any) -> Task:
    """Return the task of the settings.

    Raises
    ------
    ContractError
        If the task does not take what all tasks are given, or refuses it.
    """
    chosen = settings.task
    module = imported(f"tasks.{chosen.name}")
    try:
        made: Task = module.make(
            chosen.duration_ms,
            settings.network.time_step_ms,
            chosen.target,
            chosen.reward,
            delay=None if chosen.delay_ms == "" else chosen.delay_ms,
            **own_settings(settings, module, f"task.{chosen.name}"),
        )
    except ContractError as problem:
        raise ContractError(f"tasks/{chosen.name}.py: {problem}") from None
    except TypeError as problem:
        raise ContractError(f"tasks/{chosen.name}.py: make = {raised(problem, module.make)}") from problem
    return made


def own_settings(settings: Any, module: ModuleType, key: str) -> dict[str, Any]:
    """Return the settings, below a dotted key, that the file of a task or learning rule declares; none in some."""
    if not getattr(module, "SETTINGS", None):
        return {}
    found: dict[str, Any] = value_at(settings, key).model_dump(by_alias=True)
    return found


def environment(settings: Any) -> Environment:
    """Return the task with its noise.

    Raises
    ------
    ContractError
        If the task does not keep to its contract.
    SettingsError
        If what plasticity does within a trial does not fit into one; only the task knows how long its delay makes it.
    """
    made = task(settings)
    expect_task(settings.task.name, made, settings.network.time_step_ms, dtype(settings))
    _expect_fit(settings, made.steps)
    return Environment(made, settings.network.start_scale, perturbations.make(settings))


def _expect_fit(settings: Any, steps: int) -> None:
    """Refuse an onset of eligibility after a trial of so many steps, and weights that decay within one."""
    plasticity, length = settings.plasticity, steps * settings.network.time_step_ms
    trial = f"a trial of task {settings.task.name!r} with its delay"
    if plasticity.onset_steps >= steps:
        raise SettingsError(
            f"plasticity.onset_steps = {plasticity.onset_steps}: must be less than {steps}, the steps of {trial}"
        )
    if plasticity.weight_time_ms != "" and plasticity.weight_time_ms < length:
        raise SettingsError(
            f"plasticity.weight_time_ms = {plasticity.weight_time_ms}: must be at least {length} ({trial}), or ''"
        )


def network(settings: Any, ids: Sequence[int], device: torch.device, *, purpose: str) -> Network:
    """Draw the networks of these numbers; a network does not depend on the batch that it is drawn in."""
    wanted, of_task = settings.network, task(settings)
    drawn = initial.draw(
        units=wanted.units,
        inputs=of_task.inputs,
        outputs=of_task.outputs,
        gain=wanted.gain,
        input_scale=wanted.input_scale,
        output_scale=wanted.output_scale,
        clamped=wanted.clamped,
        readout=wanted.readout,
        leak=wanted.time_step_ms / wanted.time_constant_ms,
        activation=wanted.activation,
        density=wanted.density,
        inhibitory=wanted.inhibitory or 0.0,
        feedback=wanted.feedback,
        generators=[seeding.generator(settings.seed, purpose, "network", number) for number in ids],
        dtype=dtype(settings),
    )
    return convert(drawn, device=device)


def noise(settings: Any, *purpose: str | int) -> Callable[[int], Generator]:
    """Return the source of the noise of trial h, for one purpose."""
    seed = settings.seed
    return lambda h: seeding.generator(seed, *purpose, "trial", h)


def criterion(settings: Any, horizon: int | None = None) -> Criterion:
    """Return when a network has learned; where silence may pass for an answer, answers must be right, too.

    The error of silence is below 1.  With several outputs, whoever denies every outcome alike has that error, and units
    whose rates cannot be negative fall silent for good.

    Parameters
    ----------
    settings
        With ``criterion.window``, ``criterion.fraction`` and ``criterion.error``.
    horizon
        Trials after which a network has failed; None for ``criterion.horizon``.
    """
    chosen, last = settings.criterion, settings.criterion.horizon if horizon is None else horizon
    can_be_silent = task(settings).outputs > 1 or not is_signed(settings.network.activation)
    return Criterion(chosen.window, chosen.fraction, chosen.error, last, correct=can_be_silent)
