"""A user's own file of rates, rewards and weight changes: what it must hold, and one line for what is wrong with it."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from threefactor.analysis.recovery.constants import BOUNDS
from threefactor.analysis.recovery.recording import Recording
from threefactor.contract import Rule
from threefactor.experiment.settings.errors import ConfigError
from threefactor.learning_rules import polynomial
from threefactor.learning_rules.polynomial import Polynomial
from threefactor.pipeline.storage import arrays
from threefactor.pipeline.storage.whole import whole

ARRAYS = {
    "rate": "networks, trials, steps + 1, units: rate before each step and after the last (used without state alone)",
    "change": "networks, trials, seen units, units: change of the weight onto i from j by the trial, without decay",
    "reward": "networks, trials: reward of the trial",
    "state": "networks, trials, steps + 1, seen units: state x; left out, artanh of the rate",
    "deviation": "networks, trials, steps, seen units: old trace minus new state, instead of the state",
    "unit": "seen units: number of each among the units; needed if state and deviation are left out and not all are seen",
    "kind": "networks, trials: trial type, whole numbers from 0; left out, all of one type",
    "baseline": "networks, trials: running reward before the trial; left out, made from the rewards",
    "plastic": "seen units, units: 1 where a synapse can change; left out, where a weight ever changed",
    "learning": "networks, trials: 1 where weights may change; left out, where a weight changed",
    "rate_again": "as rate: a second measurement of the same trials, against noise in the rates",
    "state_again": "as state: the same",
}
"""The arrays of a file; the first three are needed."""

NEEDED = ("rate", "change", "reward")
NUMBERS = {
    "learning_rate": "η per ms; left out, η θ is recovered instead of θ",
    "clip": "largest change; left out, the largest change if it occurs three times, else none",
    "time_step_ms": "length of a step in ms; left out, 1",
    "onset_steps": "steps before eligibility accumulates; left out, 0",
    "carry_trace": "1 if the trace lives on between trials; left out, 0",
    "trace_decay": "decay of the trace per step; left out, searched for",
    "eligibility_decay": "decay of the eligibility per step, 1 for none; left out, searched for",
    "baseline_decay": "decay of the running reward per trial of a type; left out, searched for",
    "baseline_exponent": "power of |running reward| in the update; left out, searched for",
}
"""The single numbers of a file, all of which may be left out."""

FEWEST = 5  # trials that change weights, for an error bar


class Read(NamedTuple):
    """A file, ready to be fitted."""

    recording: Recording
    again: Recording | None  # the second measurement
    rule: Rule  # the constants; theta does not matter
    unknown: list[str]  # constants to search for
    is_scaled: bool  # whether the learning rate is known, so that theta itself is recovered


def describe() -> str:
    """List what a file may hold."""
    lines = [f"  {name}{'' if name in NEEDED else ' (optional)'}: {words}" for name, words in ARRAYS.items()]
    return "\n".join([*lines, "single numbers (optional):", *(f"  {n}: {w}" for n, w in NUMBERS.items())])


def read(path: Path, terms: int) -> Read:
    """Read a file for a fit of so many terms.

    Raises
    ------
    ConfigError, FileNotFoundError
        In one line, with what is wrong and what is wanted.
    """
    found = _load(path)
    _check_names(path, found)
    _check_shapes(path, found)
    recording = _recording(found)
    changes = recording.change[recording.learning][:, recording.plastic]
    _check_amount(path, recording, int(changes.numel()), terms)
    rule = _rule(found, changes)
    unknown = [name for name in BOUNDS if name not in found]
    if recording.state is None and "trace_decay" in unknown:
        unknown.remove("trace_decay")
    if recording.baseline is not None and "baseline_decay" in unknown:
        unknown.remove("baseline_decay")
    again = _again(found, recording) if "rate_again" in found else None
    return Read(recording, again, rule, unknown, "learning_rate" in found)


def save(path: Path, recording: Recording, rule: Rule) -> None:
    """Write a recording with its constants, as an example of a file."""
    own = rule.params
    named = {
        **{name: part for name, part in recording._asdict().items() if part is not None and name != "rate"},
        "rate": torch.cat(
            [recording.rate, recording.rate[:, :, -1:]], 2
        ),  # the last is not used beside states
        "learning_rate": own.learning_rate,
        "clip": own.clip,
        "time_step_ms": own.time_step,
        "onset_steps": own.onset,
        "carry_trace": own.carry_trace,
        "trace_decay": own.trace_decay,
        "eligibility_decay": own.eligibility_decay,
        "baseline_decay": rule.baseline_decay,
        "baseline_exponent": own.baseline_exponent,
    }
    numbers = {name: torch.as_tensor(part).to(torch.float64) for name, part in named.items()}
    if path.suffix == ".safetensors":
        arrays.save(path, numbers)
        return
    with whole([path]) as (partial,), partial.open("wb") as file:
        np.savez(file, **{name: part.numpy() for name, part in numbers.items()})  # type: ignore[arg-type]


def _load(path: Path) -> dict[str, Tensor]:
    """Read all arrays as float64."""
    if not path.is_file():
        raise FileNotFoundError(f"--data {path} is no file; wanted is an .npz or .safetensors file")
    if path.suffix not in (".npz", ".safetensors"):
        raise ConfigError(f"--data {path}: allowed are names that end in .npz or .safetensors")
    try:
        if path.suffix == ".npz":
            with np.load(path, allow_pickle=False) as file:
                return {name: torch.from_numpy(np.asarray(file[name], dtype=np.float64)) for name in file}
        return {name: part.to(torch.float64) for name, part in arrays.load(path).items()}
    except (ValueError, TypeError, OSError, EOFError, zipfile.BadZipFile) as problem:
        raise ConfigError(f"--data {path}: cannot be read: {' '.join(str(problem).split())}") from None


def _check_names(path: Path, found: Mapping[str, Tensor]) -> None:
    """Refuse missing and unknown arrays, and what is not finite."""
    if missing := [name for name in NEEDED if name not in found]:
        raise ConfigError(f"--data {path}: array {missing[0]!r} is missing ({ARRAYS[missing[0]]})")
    if unknown := [name for name in found if name not in {**ARRAYS, **NUMBERS}]:
        raise ConfigError(
            f"--data {path}: unknown array {unknown[0]!r}, allowed are {', '.join({**ARRAYS, **NUMBERS})}"
        )
    for name, part in found.items():
        if not part.isfinite().all() and name not in ("clip",):
            count = int((~part.isfinite()).sum())
            raise ConfigError(
                f"--data {path}: {name} has {count} values that are not finite, allowed is none"
            )


def _check_shapes(path: Path, found: Mapping[str, Tensor]) -> None:
    """Refuse arrays that do not fit each other."""
    for name, axes in (("rate", 4), ("change", 4)):
        if found[name].ndim != axes:
            shape = tuple(found[name].shape)
            raise ConfigError(
                f"--data {path}: {name} has shape {shape}, wanted are {axes} axes ({ARRAYS[name]})"
            )
    b, h, steps, j = found["rate"].shape
    i = found["change"].shape[2]
    wanted: dict[str, tuple[int, ...]] = {
        "change": (b, h, i, j),
        "state": (b, h, steps, i),
        "deviation": (b, h, steps - 1, i),
        "unit": (i,),
        "plastic": (i, j),
        "rate_again": (b, h, steps, j),
        "state_again": (b, h, steps, i),
        **dict.fromkeys(("reward", "kind", "baseline", "learning"), (b, h)),
        **dict.fromkeys(NUMBERS, ()),
    }
    for name, shape in wanted.items():
        if name in found and tuple(found[name].shape) != shape:
            raise ConfigError(
                f"--data {path}: {name} has shape {tuple(found[name].shape)}, wanted is {shape} to fit rate and change"
            )
    _check_states(path, found, i, j)


def _check_states(path: Path, found: Mapping[str, Tensor], seen: int, units: int) -> None:
    """Refuse rates that tell no state, and numbers that are no trial type or unit."""
    if "state" not in found and "deviation" not in found:
        if "unit" not in found and seen != units:
            raise ConfigError(
                f"--data {path}: state is missing, or unit, since {seen} of {units} units were seen"
            )
        if (found["rate"].abs() >= 1).any():
            raise ConfigError(
                f"--data {path}: rate reaches ±1, where artanh tells no state; wanted is array state, or deviation"
            )
    for name, most in (("kind", np.inf), ("unit", units - 1)):
        part = found.get(name)
        if part is not None and ((part < 0) | (part > most) | (part != part.round())).any():
            raise ConfigError(f"--data {path}: {name} holds other than whole numbers from 0 ({ARRAYS[name]})")
    if ("rate_again" in found) != ("state_again" in found) or (
        "rate_again" in found and "state" not in found
    ):
        raise ConfigError(f"--data {path}: rate_again wants state and state_again beside it")


def _check_amount(path: Path, recording: Recording, changes: int, terms: int) -> None:
    """Refuse too little data."""
    trials = int(recording.learning.sum())
    if trials < FEWEST:
        raise ConfigError(
            f"--data {path}: {trials} trials change weights, wanted are {FEWEST} and more for an error bar"
        )
    if changes < 2 * terms:
        raise ConfigError(
            f"--data {path}: {changes} changes of plastic synapses are too few for {terms} terms, wanted are "
            f"{2 * terms} and more; look at more trials or lower --degree"
        )


def _recording(found: Mapping[str, Tensor]) -> Recording:
    """Put the arrays together, with what they leave out."""
    change, reward = found["change"], found["reward"]
    state = None if "deviation" in found else found.get("state", _state(found, found["rate"]))
    changed = change != 0
    plastic, learning = found.get("plastic"), found.get("learning")
    return Recording(
        rate=found["rate"][:, :, :-1],
        state=state,
        deviation=found.get("deviation"),
        change=change,
        plastic=changed.any(0).any(0) if plastic is None else plastic != 0,
        learning=changed.flatten(2).any(2) if learning is None else learning != 0,
        reward=reward,
        baseline=found.get("baseline"),
        trial_type=found.get("kind", torch.zeros_like(reward)).long(),
    )


def _state(found: Mapping[str, Tensor], rate: Tensor) -> Tensor:
    """Return the states that tanh turns into these rates, of the units that were seen."""
    seen = found["unit"].long() if "unit" in found else torch.arange(found["change"].shape[2])
    return torch.atanh(rate[..., seen]) if int(seen.max()) < rate.shape[-1] else rate


def _again(found: Mapping[str, Tensor], recording: Recording) -> Recording:
    """Return the second measurement."""
    return recording._replace(rate=found["rate_again"][:, :, :-1], state=found["state_again"])


def _rule(found: Mapping[str, Tensor], changes: Tensor) -> Rule:
    """Return the constants as a rule; those to search for have a place to start from."""
    numbers = {name: float(found[name]) for name in NUMBERS if name in found}
    middle = {name: sum(bounds) / 2 for name, bounds in BOUNDS.items()} | numbers
    params = Polynomial(
        theta=torch.zeros(1, 1, dtype=torch.float64),
        terms=(),
        learning_rate=numbers.get("learning_rate", 1.0),
        clip=numbers.get("clip", _largest(changes)),
        baseline_exponent=middle["baseline_exponent"],
        trace_decay=middle["trace_decay"],
        carry_trace=bool(numbers.get("carry_trace", 0)),
        eligibility_decay=middle["eligibility_decay"],
        weight_decay=0.0,
        time_step=numbers.get("time_step_ms", 1.0),
        onset=int(numbers.get("onset_steps", 0)),
    )
    return Rule("polynomial", params, polynomial.init, polynomial.update, middle["baseline_decay"], 0)


def _largest(changes: Tensor) -> float:
    """Return the clip that changes show: the largest, if it stands there three times; else none."""
    largest = changes.abs().max()
    is_clip = int((changes.abs() >= largest * (1 - 1e-6)).sum()) >= 3
    return float(largest) if is_clip and largest > 0 else float("inf")
