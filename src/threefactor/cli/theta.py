"""Read the option ``--theta``: terms that are typed out, or a table of them."""

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from threefactor.experiment import build_rule
from threefactor.experiment.learned_rules import OF_RULES
from threefactor.experiment.settings.errors import SettingsError
from threefactor.experiment.view import View, dump, everything
from threefactor.pipeline import registry
from threefactor.pipeline.inputs import expect_whole
from threefactor.pipeline.settings import load
from threefactor.pipeline.settings.model import Base
from threefactor.pipeline.storage import manifest, outputs
from threefactor.plotting import palette

POWERS = re.compile(r"([0-9])([0-9])")
COLUMNS = ["k", "l", "theta"]
PATTERN = registry.stages()["metalearn"].outputs["theta"]
NAMED = 3  # most terms that a title spells out
LONGEST = 150  # characters of a file's name, of which no file system takes more than 255


class Theta(NamedTuple):
    """A polynomial rule, as the command line asks for it."""

    name: str  # fit for a file
    title: str  # fit for a figure
    terms: list[tuple[int, int]]  # k, l
    values: list[float]


def read(words: Sequence[str]) -> Theta:
    """Read terms as '33' or '33=-1', or the one table that is named.

    Raises
    ------
    SettingsError, FileNotFoundError
        In one line, with the word and what it must be.
    """
    found = _table(Path(words[0])) if _is_table(words) else _typed(words)
    for place, term in enumerate(found.terms):
        if term in found.terms[:place]:
            raise SettingsError(f"--theta {' '.join(words)}: term {term[0]}{term[1]} must stand once")
    return found


def settings(words: Sequence[str], config: Base) -> View:
    """Return all settings, with those that the rule of a table was learned with: in its rows, and in its hyperparameters.

    Raises
    ------
    SettingsError
        In one line, with the file, the key, its value and what it must be.
    """
    if not _is_table(words):
        return everything(config)
    path = Path(words[0])
    table = outputs.read_table(path)
    found = {name: _common(path, table[name]) for name in OF_RULES if name in table}
    plasticity = dump(config)["plasticity"] | {
        name: value for name, value in found.items() if value is not None
    }
    checked = load.parse(dump(config) | {"plasticity": plasticity}, f"--theta {path}")
    beside = path.with_name("hyperparameters.csv")
    if path.name != "theta.csv" or not beside.is_file():
        return everything(checked)
    name = path.resolve().parent.name
    under: View = build_rule.with_hyperparameters(everything(checked), name, outputs.read_table(beside))
    return under


def _common(path: Path, column: "pd.Series[Any]") -> object:
    """Return the one value of a column; None where it is empty."""
    values = column.drop_duplicates().tolist()
    if len(values) > 1:
        raise SettingsError(
            f"--theta {path}: {column.name} = {values[0]!r} and {values[1]!r}: must be one value for all rows"
        )
    return None if pd.isna(values[0]) else values[0]


def _is_table(words: Sequence[str]) -> bool:
    """Tell whether a table is named, and not terms."""
    return len(words) == 1 and not POWERS.fullmatch(words[0].partition("=")[0])


def _typed(words: Sequence[str]) -> Theta:
    """Read terms that were typed out; one without a value has the sign that learns."""
    terms, values = [], []
    for word in words:
        powers, sign, value = word.partition("=")
        if not (found := POWERS.fullmatch(powers)):
            raise SettingsError(f"--theta {word}: must be two digits k, l as '33' or '33=-1', or one table")
        terms.append((int(found[1]), int(found[2])))
        values.append(_number(word, value) if sign else build_rule.monomial_sign(terms[-1]))
    parts = [f"{palette.term(word[:2])} = {value:g}" for word, value in zip(words, values, strict=True)]
    title = ", ".join(parts[:NAMED]).replace("-", "−") + (" …" if len(parts) > NAMED else "")
    return Theta(_safe("_".join(["theta", *words])), title, terms, values)


def _safe(name: str) -> str:
    """Return a name that a file can have."""
    return re.sub(r"[^\w.=+-]", "_", name)[:LONGEST]


def _number(word: str, text: str) -> float:
    """Read a finite number."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise SettingsError(f"--theta {word}: {text!r} must be a finite number")
    return value


def _table(path: Path) -> Theta:
    """Read theta as meta-learning writes it; a file ``theta.csv`` is named after its folder."""
    numbers = _numbers(path)
    for row, (k, l, value) in enumerate(numbers.to_numpy(float), 1):
        if k not in range(10) or l not in range(10) or not math.isfinite(value):
            raise SettingsError(
                f"--theta {path}: row {row}: must have whole k and l from 0 to 9, and a finite theta"
            )
    terms = list(zip(numbers.k.astype(int).tolist(), numbers.l.astype(int).tolist(), strict=True))
    name = path.resolve().parent.name if path.stem == "theta" else path.stem
    return Theta(_safe(name), palette.label(name), terms, numbers.theta.tolist())


def _numbers(path: Path) -> pd.DataFrame:
    """Read the three columns; what is not a number is NaN."""
    if not path.is_file():
        raise FileNotFoundError(
            f"--theta {path}: must be terms as '33=-1', or a file with columns k, l, theta"
        )
    if path.with_name(f"{path.name}{manifest.SUFFIX}").is_file():
        expect_whole(path, PATTERN)
    try:
        table = outputs.read_table(path)
    except ValueError as problem:  # no text, no columns, or rows of unequal length
        words = " ".join(str(problem).split())
        raise SettingsError(f"--theta {path}: must be a table with columns k, l, theta: {words}") from None
    if missing := [name for name in COLUMNS if name not in table]:
        raise SettingsError(f"--theta {path}: must have columns k, l, theta; {', '.join(missing)} is missing")
    if table.empty:
        raise SettingsError(f"--theta {path}: must have a row per term; it has none")
    return table[COLUMNS].apply(pd.to_numeric, errors="coerce")
