"""Turn settings into core values; the only place that does."""

import importlib
import math
from collections.abc import Callable, Mapping, Sequence

import pandas as pd
import torch
from torch import Generator, Tensor

from threefactor import seeding
from threefactor.experiment import rules as names
from threefactor.experiment.settings.errors import ConfigError
from threefactor.config.metalearn import LearnedRule
from threefactor.pipeline.settings.model import Config
from threefactor.contract import Network, Rule
from threefactor.kernels.activation import is_signed
from threefactor.kernels.standardise import Standard
from threefactor.learning_rules.polynomial import Polynomial
from threefactor.learning_rules.third_factor import Constants
from threefactor.network import initial
from threefactor.training.batch import convert
from threefactor.training.environment import Environment, Task
from threefactor.training.learning_run import Criterion

OWN = ("eligibility_time_ms", "deviation")
"""Settings of plasticity that a learned rule may have of its own: columns of its table, where it has."""


def dtype(config: Config) -> torch.dtype:
    """Return the floating point type."""
    return {"float32": torch.float32, "float64": torch.float64}[config.precision]


def task(config: Config) -> Task:
    """Return the task of the settings."""
    settings, step = config.task, config.network.time_step_ms
    module = importlib.import_module(f"threefactor.tasks.{settings.name}")
    own = {key: value for key, value in settings.model_dump().items() if key.startswith(f"{settings.name}_")}
    made: Task = module.make(
        settings.duration_ms,
        step,
        settings.target,
        settings.reward,
        delay=None if settings.delay_ms == "" else settings.delay_ms,
        **{key.removeprefix(f"{settings.name}_"): value for key, value in own.items()},
    )
    return made


def environment(config: Config) -> Environment:
    """Return the task with its noise.

    Raises
    ------
    ConfigError
        If what plasticity does within a trial does not fit into one; only the task knows how long its delay makes it.
    """
    own = config.perturbation
    made = task(config)
    _expect_fit(config, made.steps)
    probability = own.rate_per_ms * config.network.time_step_ms
    noise = own.noise if own.kind == "noise" else None
    return Environment(made, config.network.start_scale, own.size, probability, noise)


def _expect_fit(config: Config, steps: int) -> None:
    """Refuse an onset of eligibility after a trial of so many steps, and weights that decay by more than all of them."""
    own, length = config.plasticity, steps * config.network.time_step_ms
    trial = f"a trial of task {config.task.name!r} with its delay"
    if own.onset_steps >= steps:
        raise ConfigError(
            f"plasticity.onset_steps = {own.onset_steps}: allowed is less than {steps}, the steps of {trial}"
        )
    if own.weight_time_ms != "" and own.weight_time_ms < length:
        raise ConfigError(
            f"plasticity.weight_time_ms = {own.weight_time_ms}: allowed is at least {length} ({trial}), or ''"
        )


def network(config: Config, ids: Sequence[int], device: torch.device, *, purpose: str) -> Network:
    """Draw the networks of these numbers; a network does not depend on the batch that it is drawn in."""
    demanded = task(config)
    drawn = initial.draw(
        units=config.network.units,
        inputs=demanded.inputs,
        outputs=demanded.outputs,
        gain=config.network.gain,
        input_scale=config.network.input_scale,
        clamped=config.network.clamped,
        readout=config.network.readout,
        leak=config.network.time_step_ms / config.network.time_constant_ms,
        activation=config.network.activation,
        density=config.network.density,
        inhibitory=config.network.inhibitory or 0.0,
        generators=[seeding.generator(config.seed, purpose, "network", number) for number in ids],
        dtype=dtype(config),
    )
    return convert(drawn, device=device)


def noise(config: Config, *purpose: str | int) -> Callable[[int], Generator]:
    """Return the source of noise of trial h, for one purpose."""
    return lambda h: seeding.generator(config.seed, *purpose, "trial", h)


def criterion(config: Config) -> Criterion:
    """Return when a network has learned; where silence may pass for an answer, answers must be right, too.

    Its error is below 1. Of several outputs whoever denies every outcome alike has it, and units whose rates cannot be
    negative fall silent for good.
    """
    can_be_silent = task(config).outputs > 1 or not is_signed(config.network.activation)
    return Criterion(**config.criterion.model_dump(), correct=can_be_silent)


def polynomial(
    config: Config, terms: Sequence[tuple[int, int]], values: Tensor, hyperparameters: tuple[str, ...] = ()
) -> Rule:
    """Return the polynomial rule with these values (p) of the terms (k, l), all others being zero.

    Terms and hyperparameters are what is differentiated.
    """
    size = 1 + max(max(term) for term in terms)
    theta = torch.zeros(size, size, dtype=values.dtype, device=values.device)
    for (k, l), value in zip(terms, values, strict=True):
        theta[k, l] = value
    time_step, own = config.network.time_step_ms, config.plasticity
    params = Polynomial(
        theta=theta,
        terms=tuple(terms),
        learning_rate=own.learning_rate,
        clip=own.clip,
        baseline_exponent=own.baseline_exponent,
        trace_decay=own.trace_decay,
        carry_trace=own.carry_trace,
        eligibility_decay=1 - time_step / _time(own.eligibility_time_ms),
        weight_decay=task(config).steps * time_step / _time(own.weight_time_ms),
        time_step=time_step,
        onset=own.onset_steps,
        standard=_standard(config),
        weight_linear=own.weight_linear,
        weight_quadratic=own.weight_quadratic,
        weight_unit=config.network.gain / (config.network.density * config.network.units) ** 0.5,
        hyperparameters=hyperparameters,
    )
    return _rule(config, "polynomial", params)


def _standard(config: Config) -> Standard | None:
    """Return the constants of a standardised deviation, if eligibility takes one."""
    own, step = config.plasticity, config.network.time_step_ms
    if own.deviation == "raw":
        return None
    mean = math.exp(-step / own.deviation_mean_ms) if own.deviation == "standardised" else None
    return Standard(mean, math.exp(-step / own.deviation_rms_ms), own.deviation_floor)


def learning_rule(config: Config, name: str, theta: pd.DataFrame | None, device: torch.device) -> Rule:
    """Return the learning rule of a name in ``retrain.rules``.

    Parameters
    ----------
    config
        All settings.
    name
        ``theta_<k><l>``, a key of ``metalearn.rules``, ``start_<key>``, or a file of ``learning_rules/``.
    theta
        The table that meta-learning wrote, for a rule that was learned or its start.
    device
        Of theta.
    """
    if theta is not None:
        config = with_own(config, {name: theta[name].iloc[0] for name in OWN if name in theta})
        column = "start" if name.startswith(names.START) else "theta"
        terms = list(zip(theta["k"], theta["l"], strict=True))
        return polynomial(
            config, terms, torch.tensor(theta[column].to_numpy(), dtype=dtype(config), device=device)
        )
    if found := names.MONOMIAL.fullmatch(name):
        term = (int(found[1]), int(found[2]))
        return polynomial(
            config, [term], torch.tensor([monomial_sign(term)], dtype=dtype(config), device=device)
        )
    return _rule(config, name, _params(config, name, device))


def of_learned(config: Config, wanted: LearnedRule) -> Config:
    """Return the settings under which a rule is learned: with its own task and time constant, where it has them."""
    if wanted.task:
        config = config.model_copy(update={"task": config.task.model_copy(update={"name": wanted.task})})
    return with_own(config, own_settings(wanted))


def own_settings(wanted: LearnedRule) -> dict[str, str | float]:
    """Return the settings of plasticity that a rule has of its own."""
    return {name: value for name in OWN if (value := getattr(wanted, name)) != ""}


def deviation_of(config: Config, theta: pd.DataFrame | None) -> str:
    """Return which deviation a rule is a function of, from theta.csv; None for a rule that was not learned."""
    if theta is None or "deviation" not in theta:
        return config.plasticity.deviation
    return str(theta["deviation"].iloc[0])


def with_own(config: Config, own: Mapping[str, object]) -> Config:
    """Return the settings with a rule's own of plasticity."""
    plasticity = config.plasticity.model_copy(update=dict(own))
    return config.model_copy(update={"plasticity": plasticity})


def with_hyperparameters(config: Config, name: str, hyperparameters: pd.DataFrame | None) -> Config:
    """Return the settings that a learning rule lives under: with those that were learned beside its theta.

    A setting that is no longer as it was before it was learned, since a condition changed it, stays.

    Parameters
    ----------
    config
        All settings.
    name
        Of the learning rule; ``start_<key>`` began at the settings as they are.
    hyperparameters
        The table of settings that meta-learning wrote, for a rule that was learned or its start.
    """
    if hyperparameters is None or name.startswith(names.START):
        return config
    rows = zip(
        hyperparameters["name"],
        hyperparameters["start"].tolist(),
        hyperparameters["value"].tolist(),
        strict=True,
    )
    return with_values(
        config, {key: learned for key, start, learned in rows if _is(config, key, float(start))}
    )


def _is(config: Config, key: str, number: float) -> bool:
    """Tell whether a setting is a number, up to what a table loses."""
    block, field = key.split(".")
    found = getattr(getattr(config, block), field)
    return found != "" and math.isclose(found, number, rel_tol=1e-9)


def with_values(config: Config, values: Mapping[str, float]) -> Config:
    """Return the settings with other values, by dotted key."""
    for key, changed in values.items():
        block, field = key.split(".")
        own = getattr(config, block).model_copy(update={field: changed})
        config = config.model_copy(update={block: own})
    return config


def value(config: Config, key: str) -> float:
    """Return a number among the settings by its dotted key."""
    block, field = key.split(".")
    return float(getattr(getattr(config, block), field))


def monomial_sign(term: tuple[int, int]) -> float:
    """Return the coefficient ±1 of a rule of one term: kicks raise x, so that odd powers of old minus new fall."""
    return -1.0 if term[1] % 2 else 1.0


def _rule(config: Config, file: str, params: object) -> Rule:
    module = importlib.import_module(f"threefactor.learning_rules.{file}")
    own = config.plasticity
    return Rule(file, params, module.init, module.update, own.baseline_decay, own.warm_up_trials)


def _params(config: Config, name: str, device: torch.device) -> object:
    """Return the parameters of a rule that has no theta."""
    module = importlib.import_module(f"threefactor.learning_rules.{name}")
    own = config.plasticity
    settings = config.retrain.model_dump()
    if name in ("rflo", "eprop"):
        is_random = settings[f"{name}_feedback"] == "random"
        broadcast = _broadcast(config, name).to(device) if is_random else None
        return module.LocalGradient(settings[f"{name}_learning_rate"], own.clip, broadcast)
    if name == "bptt":
        return module.Bptt(config.retrain.bptt_learning_rate, 0.9, 0.999, 1e-8)
    rate = settings.get(f"{name}_learning_rate", own.learning_rate)
    return Constants(rate, own.clip, own.baseline_exponent, config.network.time_step_ms, own.onset_steps)


def _broadcast(config: Config, name: str) -> Tensor:
    """Draw fixed random weights from output errors to units, N(0, 1/N); an output that is a unit gets its own error; o i.

    All networks share them. A network's own weights are drawn alike for all units and for either sign, so that only the
    sizes in B could matter, and of those there are N.
    """
    outputs, units = task(config).outputs, config.network.units
    source = seeding.generator(config.seed, name, "feedback")
    drawn = torch.randn(outputs, units, generator=source, dtype=torch.float64) / units**0.5
    if config.network.readout == "unit":
        read = initial.unit_readout(units, outputs, config.network.clamped, config.network.activation)
        is_read = (read != 0).any(0)
        drawn[:, is_read] = read[:, is_read]
    return drawn.to(dtype(config))


def _time(value: float | str) -> float:
    """Return a time constant in ms; an empty text stands for infinity."""
    return float("inf") if value == "" else float(value)
