"""The single numbers of a recording file, and the range that holds for each."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from torch import Tensor

from threefactor.contract import GateShape
from threefactor.experiment.settings.errors import SettingsError


class Number(NamedTuple):
    """A number that a file may hold."""

    meaning: str
    range: str  # in words; {last} is the last step of the recorded trials
    holds: Callable[[float, int], bool]  # of the value and the last step


def _decays(value: float, _: int) -> bool:
    return 0 <= value < 1


NUMBERS = {
    "learning_rate": Number(
        "η per ms; left out, the product η θ is recovered instead of θ", "above 0", lambda x, _: x > 0
    ),
    "clip": Number(
        "largest change; left out, the largest change if it occurs three times, else none",
        "above 0, inf for none",
        lambda x, _: x > 0,
    ),
    "time_step_ms": Number("length of a step in ms; left out, 1", "above 0", lambda x, _: x > 0),
    "onset_steps": Number(
        "steps before eligibility accumulates; left out, 0",
        "a whole number from 0 to {last}, the last step of a trial",
        lambda x, last: x in range(last + 1),
    ),
    "carry_trace": Number(
        "1 if the trace is carried from trial to trial; 0 if left out", "0 or 1", lambda x, _: x in (0, 1)
    ),
    "trace_decay": Number(
        "decay of the trace per step; left out, estimated", "at least 0 and below 1", _decays
    ),
    "eligibility_decay": Number(
        "decay of the eligibility per step, 1 for none; left out, estimated",
        "from 0 to 1, a factor per step",
        lambda x, _: 0 <= x <= 1,
    ),
    "baseline_decay": Number(
        "decay of the running reward per trial of a type; left out, estimated",
        "at least 0 and below 1",
        _decays,
    ),
    "baseline_exponent": Number(
        "power of |running reward| in the update; left out, estimated", "at least 0", lambda x, _: x >= 0
    ),
    **{
        name: Number("coefficient of the factor of the gate; left out, 0", "any number", lambda *_: True)
        for name in GateShape._fields
    },
}
"""The single numbers of a file, all of which may be left out."""


def check_numbers(path: Path, found: Mapping[str, Tensor]) -> None:
    """Refuse a number that is out of its range.

    Raises
    ------
    SettingsError
        In one line, with the file, the number and the range that holds.
    """
    last = found["rate"].shape[2] - 2
    for name, number in NUMBERS.items():
        if name in found and not number.holds(value := float(found[name]), last):
            raise SettingsError(
                f"--data {path}: {name} = {value:g}: must be {number.range.format(last=last)}"
            )
