"""What a recording file must hold, and one line for what is wrong with it."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from torch import Tensor

from threefactor.analysis.recovery.recording import Recording
from threefactor.experiment.settings.errors import SettingsError

ARRAYS = {
    "rate": "networks, trials, steps + 1, units: rate before each step and after the last (used without state alone)",
    "change": "networks, trials, recorded units, units: change of the weight onto i from j by the trial, without decay",
    "reward": "networks, trials: reward of the trial",
    "state": "networks, trials, steps + 1, recorded units: state x; left out, artanh of the rate",
    "deviation": "networks, trials, steps, recorded units: old trace minus new state, instead of the state",
    "unit": "recorded units: number of each among the units; needed without state and deviation if not all are recorded",
    "trial_type": "networks, trials: trial type, whole numbers from 0; left out, all of one type",
    "baseline": "networks, trials: running reward before the trial; left out, made from the rewards",
    "plastic": "recorded units, units: 1 where a synapse can change; left out, where a weight ever changed",
    "learning": "networks, trials: 1 where weights may change; left out, where a weight changed",
    "rate_again": "as rate: a second measurement of the same trials, against noise in the rates",
    "state_again": "as state: the same",
}
"""The arrays of a file; the first three are needed."""

NEEDED = ("rate", "change", "reward")
NUMBERS = {
    "learning_rate": "η per ms; left out, the product η θ is recovered instead of θ",
    "clip": "largest change; left out, the largest change if it occurs three times, else none",
    "time_step_ms": "length of a step in ms; left out, 1",
    "onset_steps": "steps before eligibility accumulates; left out, 0",
    "carry_trace": "1 if the trace is carried from trial to trial; 0 if left out",
    "trace_decay": "decay of the trace per step; left out, estimated",
    "eligibility_decay": "decay of the eligibility per step, 1 for none; left out, estimated",
    "baseline_decay": "decay of the running reward per trial of a type; left out, estimated",
    "baseline_exponent": "power of |running reward| in the update; left out, estimated",
}
"""The single numbers of a file, all of which may be left out."""

FEWEST = 5  # trials that change weights, for an error bar


def describe() -> str:
    """List what a file may hold."""
    lines = [f"  {name}{'' if name in NEEDED else ' (optional)'}: {words}" for name, words in ARRAYS.items()]
    return "\n".join([*lines, "single numbers (optional):", *(f"  {n}: {w}" for n, w in NUMBERS.items())])


def check_names(path: Path, found: Mapping[str, Tensor]) -> None:
    """Refuse missing and unknown arrays, and what is not finite."""
    if missing := [name for name in NEEDED if name not in found]:
        raise SettingsError(f"--data {path}: must have array {missing[0]!r} ({ARRAYS[missing[0]]})")
    if unknown := [name for name in found if name not in {**ARRAYS, **NUMBERS}]:
        raise SettingsError(
            f"--data {path}: array {unknown[0]!r}: must be one of {', '.join({**ARRAYS, **NUMBERS})}"
        )
    for name, part in found.items():
        if not part.isfinite().all() and name not in ("clip",):
            count = int((~part.isfinite()).sum())
            raise SettingsError(
                f"--data {path}: {name} has {count} values that are not finite: must be finite"
            )


def check_shapes(path: Path, found: Mapping[str, Tensor]) -> None:
    """Refuse arrays that do not fit each other."""
    for name, axes in (("rate", 4), ("change", 4)):
        if found[name].ndim != axes:
            shape = tuple(found[name].shape)
            raise SettingsError(
                f"--data {path}: {name} has shape {shape}: must have {axes} axes ({ARRAYS[name]})"
            )
    b, h, steps, j = found["rate"].shape
    i = found["change"].shape[2]
    expected: dict[str, tuple[int, ...]] = {
        "change": (b, h, i, j),
        "state": (b, h, steps, i),
        "deviation": (b, h, steps - 1, i),
        "unit": (i,),
        "plastic": (i, j),
        "rate_again": (b, h, steps, j),
        "state_again": (b, h, steps, i),
        **dict.fromkeys(("reward", "trial_type", "baseline", "learning"), (b, h)),
        **dict.fromkeys(NUMBERS, ()),
    }
    for name, shape in expected.items():
        if name in found and tuple(found[name].shape) != shape:
            raise SettingsError(
                f"--data {path}: {name} has shape {tuple(found[name].shape)}: must have {shape}, to fit rate and change"
            )
    _check_states(path, found, i, j)


def _check_states(path: Path, found: Mapping[str, Tensor], seen: int, units: int) -> None:
    """Refuse rates that tell no state, and numbers that are no trial type or unit."""
    if "state" not in found and "deviation" not in found:
        if "unit" not in found and seen != units:
            raise SettingsError(
                f"--data {path}: must have array 'state' or 'unit', since {seen} of {units} units were recorded"
            )
        if (found["rate"].abs() >= 1).any():
            raise SettingsError(
                f"--data {path}: must have array 'state' or 'deviation', since rate reaches ±1 (no artanh)"
            )
    for name, most in (("trial_type", np.inf), ("unit", units - 1)):
        part = found.get(name)
        if part is not None and ((part < 0) | (part > most) | (part != part.round())).any():
            raise SettingsError(f"--data {path}: {name} must hold whole numbers from 0 ({ARRAYS[name]})")
    if ("rate_again" in found) != ("state_again" in found) or (
        "rate_again" in found and "state" not in found
    ):
        raise SettingsError(f"--data {path}: must have 'state', 'rate_again' and 'state_again' together")


def check_amount(path: Path, recording: Recording, changes: int, terms: int) -> None:
    """Refuse too little data."""
    trials = int(recording.learning.sum())
    if trials < FEWEST:
        raise SettingsError(
            f"--data {path}: {trials} trials change weights: must be at least {FEWEST}, for an error bar"
        )
    if changes < 2 * terms:
        raise SettingsError(
            f"--data {path}: {changes} changes of plastic synapses: must be at least {2 * terms} for {terms} terms; "
            "record more trials or lower --degree"
        )
