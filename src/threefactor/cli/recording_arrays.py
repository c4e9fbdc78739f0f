"""What a recording file must hold, and one line for what is wrong with it."""

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from threefactor.analysis.recovery.recording import Recording, has_reward_prediction_error
from threefactor.cli.recording_numbers import NUMBERS
from threefactor.contract import Rule
from threefactor.experiment.settings.errors import SettingsError

ARRAYS = {
    "rate": "networks, trials, steps + 1, units: rate before each step and after the last (used without state alone)",
    "change": "networks, trials, recorded units, units: change of the weight onto i from j by the trial, without decay",
    "reward": "networks, trials: reward of the trial",
    "state": "networks, trials, steps + 1, recorded units: state x; left out, artanh of the rate",
    "deviation": "networks, trials, steps, recorded units: old trace minus new state, instead of the state",
    "unit": "recorded units: number of each among the units; needed without state and deviation if not all are recorded",
    "trial_type": "networks, trials: label of the trial type, any whole number; left out, all of one type",
    "baseline": "networks, trials: running reward before the trial; left out, made from the rewards",
    "plastic": "recorded units, units: 1 where a synapse can change; left out, where a weight ever changed",
    "learning": "networks, trials: 1 where weights may change; left out, where a weight changed",
    "rate_again": "as rate: a second measurement of the same trials, against noise in the rates",
    "state_again": "as state: the same",
}
"""The arrays of a file; the first three are needed."""

NEEDED = ("rate", "change", "reward")
FEWEST = 5  # trials that change weights, for an error bar
LARGEST_LABEL = 2**53 - 1  # whole numbers up to here stay what they are in float64


def describe() -> str:
    """List what a file may hold."""
    lines = [f"  {name}{'' if name in NEEDED else ' (optional)'}: {words}" for name, words in ARRAYS.items()]
    return "\n".join(
        [*lines, "single numbers (optional):", *(f"  {n}: {one.meaning}" for n, one in NUMBERS.items())]
    )


def check_names(path: Path, found: Mapping[str, Tensor]) -> None:
    """Refuse missing and unknown arrays, and what is not finite."""
    if missing := [name for name in NEEDED if name not in found]:
        raise SettingsError(f"--data {path}: must have array {missing[0]!r} ({ARRAYS[missing[0]]})")
    if unknown := [name for name in found if name not in {**ARRAYS, **NUMBERS}]:
        raise SettingsError(
            f"--data {path}: array {unknown[0]!r}: must be one of {', '.join({**ARRAYS, **NUMBERS})}"
        )
    for name, part in found.items():
        known = ~part.isnan() if name == "clip" else part.isfinite()
        if not known.all():
            count = int((~known).sum())
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
    if not found["change"].numel() or not found["rate"].numel() or steps < 2:
        shape = tuple(found["rate"].shape)
        raise SettingsError(
            f"--data {path}: rate has shape {shape}: must have a network, a trial, a step and a unit ({ARRAYS['rate']})"
        )
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
    """Refuse rates that tell no state, states that are given twice, and half of a second measurement."""
    if "state" not in found and "deviation" not in found:
        if "unit" not in found and seen != units:
            raise SettingsError(
                f"--data {path}: must have array 'state' or 'unit', since {seen} of {units} units were recorded"
            )
        if (found["rate"].abs() >= 1).any():
            raise SettingsError(
                f"--data {path}: must have array 'state' or 'deviation', since rate reaches ±1 (no artanh)"
            )
    if "state" in found and "deviation" in found:
        raise SettingsError(f"--data {path}: must have 'state' or 'deviation', not both")
    if ("rate_again" in found) != ("state_again" in found) or (
        "rate_again" in found and "state" not in found
    ):
        raise SettingsError(f"--data {path}: must have 'state', 'rate_again' and 'state_again' together")


def check_whole(path: Path, found: Mapping[str, Tensor]) -> None:
    """Refuse what is no trial type, no unit, and neither 0 nor 1 where these say yes or no."""
    last = found["rate"].shape[-1] - 1
    bounds = {
        "trial_type": (-LARGEST_LABEL, LARGEST_LABEL, "whole numbers below 2^53 in size"),
        "unit": (0, last, f"whole numbers from 0 to {last}, the last unit"),
        "plastic": (0, 1, "0 or 1"),
        "learning": (0, 1, "0 or 1"),
    }
    for name, (least, most, words) in bounds.items():
        part = found.get(name)
        if part is None:
            continue
        wrong = part[(part < least) | (part > most) | (part != part.round())]
        if len(wrong):
            raise SettingsError(
                f"--data {path}: {name} = {float(wrong[0]):g}: must hold {words} ({ARRAYS[name]})"
            )
    if "unit" in found and len(found["unit"].unique()) < len(found["unit"]):
        raise SettingsError(f"--data {path}: unit holds a number twice: must hold each recorded unit once")


def check_amount(path: Path, recording: Recording, changes: Tensor, terms: int) -> None:
    """Refuse too little data."""
    trials = int(recording.learning.sum())
    if trials < FEWEST:
        raise SettingsError(
            f"--data {path}: {trials} trials change weights: must be at least {FEWEST}, for an error bar"
        )
    if (count := changes.numel()) < 2 * terms:
        raise SettingsError(
            f"--data {path}: {count} changes of plastic synapses: must be at least {2 * terms} for {terms} terms; "
            "record more trials or lower --degree"
        )
    if not changes.any():
        raise SettingsError(
            f"--data {path}: change = 0 in all plastic synapses and trials that change weights: must differ from 0"
        )


def check_reward(path: Path, recording: Recording, rule: Rule) -> None:
    """Refuse rewards that never differ from what was expected: no synapse then tells anything of the rule."""
    if has_reward_prediction_error(rule, recording):
        return
    if recording.baseline is None:
        raise SettingsError(
            f"--data {path}: reward = {float(recording.reward[0, 0]):g} in all trials of a network and type: "
            "must vary between them, since changes follow its deviations from its running mean"
        )
    raise SettingsError(
        f"--data {path}: baseline equals reward in all trials that change weights: must differ in some"
    )
