"""The settings that are learned beside theta: what each is in the core, and where it is on its line (part of stages).

The outer loop moves a free coordinate for each, which is zero at the start. A tenth is about a tenth of the value.
"""

from collections.abc import Sequence

import pandas as pd
import torch
from torch import Tensor

from threefactor.config.metalearn import LearnedRule
from threefactor.contract import MetaGradient, Rule
from threefactor.experiment import build as assemble
from threefactor.experiment.hyperparameters import RATE
from threefactor.experiment.settings.errors import ConfigError
from threefactor.metalearning import transforms
from threefactor.metalearning.ascent import Ascent, ascend, average, average_last_third, start_ascent
from threefactor.metalearning.sides import SHARE, value_of
from threefactor.pipeline.settings.model import Config
from threefactor.training.environment import Environment
from threefactor.training.objective import WIDTH, Objective, SmoothedErrorRate

CORE = {
    "plasticity.learning_rate": ("learning_rate", "per ms"),
    "plasticity.clip": ("clip", ""),
    "plasticity.baseline_exponent": ("baseline_exponent", ""),
    "plasticity.baseline_decay": ("baseline_decay", "per trial"),
    "plasticity.trace_decay": ("trace_decay", "per time step"),
    "plasticity.eligibility_time_ms": ("eligibility_decay", "ms"),
    "plasticity.weight_time_ms": ("weight_decay", "ms"),
    "plasticity.weight_linear": ("weight_linear", ""),
    "plasticity.weight_quadratic": ("weight_quadratic", ""),
    "perturbation.size": ("perturbation_scale", ""),
    "perturbation.rate_per_ms": ("perturbation_share", "per ms"),
    "perturbation.noise": ("perturbation_scale", ""),
}
"""What a setting is called in the core, and its unit."""


Kept = dict[str, Tensor]
"""Arrays that grow with the steps, and with the scores."""


def names(keys: Sequence[str]) -> tuple[str, ...]:
    """Return what settings are called in the core."""
    return tuple(CORE[key][0] for key in keys)


def settings(config: Config, keys: Sequence[str], free: Tensor) -> Config:
    """Return the settings at free coordinates (s) of the keys."""
    values = {}
    for key, by in zip(keys, transforms.bounded(free).tolist(), strict=True):
        name = CORE[key][0]
        try:
            start = transforms.coordinate(name, _to_core(config, key, assemble.value(config, key)))
        except ValueError as problem:
            raise ConfigError(f"{key} = {assemble.value(config, key)}: {problem}") from None
        values[key] = _from_core(config, key, transforms.value_at(name, start + by))
    return assemble.with_values(config, values)


def slopes(rule: Rule, free: Tensor) -> Tensor:
    """Return the derivatives of the rule's hyperparameters with respect to their free coordinates; s."""
    along = [transforms.slope(name, value_of(rule, name)) for name in rule.params.hyperparameters]
    return torch.tensor(along).to(free) * transforms.bounded_slope(free)


def environment(config: Config, keys: Sequence[str]) -> Environment:
    """Return the task with its noise; where it is learned how often kicks come, with all candidates."""
    made = assemble.environment(config)
    return (
        made._replace(perturbation_probability=made.perturbation_probability / SHARE)
        if RATE in keys
        else made
    )


def objective(config: Config, wanted: LearnedRule) -> Objective:
    """Return what a lifetime is to be good at."""
    return SmoothedErrorRate(config.criterion.error, WIDTH) if wanted.objective == "soft" else None


def start(keys: Sequence[str], like: Tensor) -> Ascent:
    """Return the free coordinates before the first step, zero; s."""
    return start_ascent(like.new_zeros(len(keys)), 0.0)


def split(estimate: MetaGradient, count: int) -> tuple[MetaGradient, MetaGradient]:
    """Split a gradient (b p) into that of theta, of so many coefficients, and that of the free coordinates."""
    theta, beside = (estimate._replace(gradient=part) for part in estimate.gradient.tensor_split([count], 1))
    return theta, beside


def climb(free: Ascent, estimate: MetaGradient, learning_rate: float, kept: Kept) -> Ascent:
    """Take one step of the free coordinates, and keep it.

    Parameters
    ----------
    free
        Before the step, s.
    estimate
        Gradient with respect to them, b s.
    learning_rate
        Adam's step.
    kept
        To which the step is added.
    """
    if len(free.theta) == 0:
        return free
    mean = average(estimate)
    after = ascend(free, mean.gradient, learning_rate)
    found = {"free_gradient": mean.gradient, "free_standard_error": mean.standard_error}
    append(kept, {"free": free.theta, **found, "free_after": after.theta})
    return after


def append(kept: Kept, row: Kept) -> None:
    """Append a row to arrays that grow."""
    for name, value in row.items():
        kept[name] = torch.cat([kept[name], value[None]]) if name in kept else value[None]


def rest(keys: Sequence[str], kept: Kept, steps: int) -> Tensor:
    """Return the free coordinates of learning that stops after so many steps; s."""
    return average_last_third(kept["free_after"][:steps]) if keys and steps else torch.zeros(len(keys))


def table(config: Config, keys: Sequence[str], free: Tensor) -> pd.DataFrame:
    """Return a row per setting that was learned: key, start, value at the free coordinates, unit."""
    learned = settings(config, keys, free)
    rows = [(key, assemble.value(config, key), assemble.value(learned, key), CORE[key][1]) for key in keys]
    return pd.DataFrame(rows, columns=["name", "start", "value", "unit"])


def history(config: Config, keys: Sequence[str], kept: Kept) -> pd.DataFrame:
    """Return a row per step: each setting before it, the gradient along its free coordinate, and its standard error."""
    if not keys or "free" not in kept:
        return pd.DataFrame()
    values = [settings(config, keys, free) for free in kept["free"]]
    columns: dict[str, Sequence[float]] = {}
    for s, key in enumerate(keys):
        columns[f"value_{key}"] = [assemble.value(one, key) for one in values]
        columns[f"slope_{key}"] = kept["free_gradient"][:, s].tolist()
        columns[f"slope_standard_error_{key}"] = kept["free_standard_error"][:, s].tolist()
    return pd.DataFrame(columns)


def _to_core(config: Config, key: str, value: float) -> float:
    """Return the core's value of a setting; sizes and rates of kicks stay, since only ratios of them count."""
    if key == "plasticity.eligibility_time_ms":
        return 1 - config.network.time_step_ms / value
    return _trial_ms(config) / value if key == "plasticity.weight_time_ms" else value


def _from_core(config: Config, key: str, value: float) -> float:
    """Return the setting of a core's value."""
    if key == "plasticity.eligibility_time_ms":
        return config.network.time_step_ms / (1 - value)
    return _trial_ms(config) / value if key == "plasticity.weight_time_ms" else value


def _trial_ms(config: Config) -> float:
    """Return the length of a trial in ms."""
    return assemble.task(config).steps * config.network.time_step_ms
