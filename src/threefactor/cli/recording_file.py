"""Read and write a recording of rates, rewards and weight changes, a file of a user's own."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from threefactor.analysis.recovery.constants import BOUNDS
from threefactor.analysis.recovery.recording import Recording
from threefactor.cli.recording_arrays import (
    check_amount,
    check_names,
    check_reward,
    check_shapes,
    check_whole,
)
from threefactor.cli.recording_numbers import NUMBERS, check_numbers
from threefactor.contract import GateShape, Rule
from threefactor.experiment.settings.errors import SettingsError
from threefactor.learning_rules import polynomial
from threefactor.learning_rules.polynomial import Polynomial
from threefactor.pipeline.storage import arrays
from threefactor.pipeline.storage.whole import whole


class Read(NamedTuple):
    """A file, ready to be fitted."""

    recording: Recording
    again: Recording | None  # the second measurement
    rule: Rule  # the constants; theta does not matter
    unknown: list[str]  # constants to estimate
    is_scaled: bool  # whether the learning rate is known, so that theta itself is recovered


def read(path: Path, terms: int) -> Read:
    """Read a file for a fit of so many terms.

    Raises
    ------
    SettingsError, FileNotFoundError
        In one line, with the array and what it must be.
    """
    found = _load(path)
    check_names(path, found)
    check_shapes(path, found)
    check_whole(path, found)
    check_numbers(path, found)
    recording = _recording(found)
    changes = recording.change[recording.learning][:, recording.plastic]
    check_amount(path, recording, changes, terms)
    rule = _rule(found, changes)
    check_reward(path, recording, rule)
    unknown = [name for name in BOUNDS if name not in found]
    if recording.state is None and "trace_decay" in unknown:
        unknown.remove("trace_decay")
    if recording.baseline is not None and "baseline_decay" in unknown:
        unknown.remove("baseline_decay")
    again = _again(found, recording) if "rate_again" in found else None
    return Read(recording, again, rule, unknown, "learning_rate" in found)


def save(path: Path, recording: Recording, rule: Rule) -> None:
    """Write a recording with its constants, as an example of a file."""
    constants = rule.params
    named = {
        **{name: part for name, part in recording._asdict().items() if part is not None and name != "rate"},
        "rate": torch.cat(
            [recording.rate, recording.rate[:, :, -1:]], 2
        ),  # the last is not used beside states
        "learning_rate": constants.learning_rate,
        "clip": constants.clip,
        "time_step_ms": constants.time_step,
        "onset_steps": constants.onset,
        "carry_trace": constants.carry_trace,
        "trace_decay": constants.trace_decay,
        "eligibility_decay": constants.eligibility_decay,
        "baseline_decay": rule.baseline_decay,
        "baseline_exponent": constants.baseline_exponent,
        **constants.shape._asdict(),
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
        raise FileNotFoundError(f"--data {path}: must be an .npz or .safetensors file")
    if path.suffix not in (".npz", ".safetensors"):
        raise SettingsError(f"--data {path}: must end in .npz or .safetensors")
    try:
        if path.suffix == ".npz":
            loaded = np.load(path, allow_pickle=False)
            if isinstance(loaded, np.ndarray):
                raise ValueError("it is a single array, without a name")
            with loaded as file:
                return {name: _real(name, file[name]) for name in file}
        return {name: _real(name, part.numpy()) for name, part in arrays.load(path).items()}
    except (ValueError, TypeError, OSError, EOFError, zipfile.BadZipFile) as problem:
        raise SettingsError(f"--data {path}: must be readable: {' '.join(str(problem).split())}") from None


def _real(name: str, part: NDArray[Any]) -> Tensor:
    """Return an array as float64, a single number without the axes of length one that MATLAB gives it."""
    if np.iscomplexobj(part):
        raise ValueError(f"{name} is complex")
    if part.dtype.kind not in "biuf":
        raise ValueError(f"{name} holds no numbers")
    single = name in NUMBERS and part.size == 1
    return torch.from_numpy(np.array(part.reshape(()) if single else part, dtype=np.float64))


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
        trial_type=found.get("trial_type", torch.zeros_like(reward)).long(),
    )


def _state(found: Mapping[str, Tensor], rate: Tensor) -> Tensor:
    """Return the states that tanh turns into these rates, of the recorded units."""
    seen = found["unit"].long() if "unit" in found else torch.arange(found["change"].shape[2])
    return torch.atanh(rate[..., seen]) if int(seen.max()) < rate.shape[-1] else rate


def _again(found: Mapping[str, Tensor], recording: Recording) -> Recording:
    """Return the second measurement."""
    return recording._replace(rate=found["rate_again"][:, :, :-1], state=found["state_again"])


def _rule(found: Mapping[str, Tensor], changes: Tensor) -> Rule:
    """Return the constants as a rule; those to estimate start in the middle of their bounds."""
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
        shape=GateShape(*(numbers.get(name, 0.0) for name in GateShape._fields)),
    )
    return Rule("polynomial", params, polynomial.init, polynomial.update, middle["baseline_decay"], 0)


def _largest(changes: Tensor) -> float:
    """Return the clip that changes show: the largest, if it stands there three times; else none."""
    largest = changes.abs().max()
    is_clip = int((changes.abs() >= largest * (1 - 1e-6)).sum()) >= 3
    return float(largest) if is_clip and largest > 0 else float("inf")
