"""What ``--theta`` asks for: terms that are typed out, or a table of them."""

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from threefactor.experiment import build as assemble
from threefactor.experiment.build import monomial_sign
from threefactor.experiment.settings.errors import ConfigError
from threefactor.pipeline.settings import load
from threefactor.pipeline.settings.model import Config
from threefactor.pipeline.storage import outputs
from threefactor.plotting import palette

POWERS = re.compile(r"([0-9])([0-9])")
COLUMNS = ["k", "l", "theta"]
NAMED = 3  # most terms that a title spells out
LONGEST = 150  # characters of a file's name, of which no file system takes more than 255


class Theta(NamedTuple):
    """A polynomial rule, as it was asked for."""

    name: str  # fit for a file
    title: str  # fit for a figure
    terms: list[tuple[int, int]]  # k, l
    values: list[float]


def read(words: Sequence[str]) -> Theta:
    """Read terms as '33' or '33=-1', or the one table that is named.

    Raises
    ------
    ConfigError, FileNotFoundError
        In one line, with the word and what is allowed.
    """
    found = _table(Path(words[0])) if _is_table(words) else _typed(words)
    for place, term in enumerate(found.terms):
        if term in found.terms[:place]:
            raise ConfigError(
                f"--theta {' '.join(words)}: term {term[0]}{term[1]} stands twice, allowed is once"
            )
    return found


def settings(words: Sequence[str], config: Config) -> Config:
    """Return the settings that the rule of a table was learned with: those in its rows, and those learned beside it.

    Raises
    ------
    ConfigError
        In one line, with the file, the key, its value and what is allowed.
    """
    if not _is_table(words):
        return config
    path = Path(words[0])
    table = outputs.read_table(path)
    own = {name: _common(path, table[name]) for name in assemble.OWN if name in table}
    plasticity = config.plasticity.model_dump(mode="json") | {
        name: value for name, value in own.items() if value is not None
    }
    config = load.parse(load.dump(config) | {"plasticity": plasticity}, f"--theta {path}")
    beside = path.with_name("hyperparameters.csv")
    if path.name != "theta.csv" or not beside.is_file():
        return config
    return assemble.with_hyperparameters(config, path.resolve().parent.name, outputs.read_table(beside))


def _common(path: Path, column: "pd.Series[Any]") -> object:
    """Return the one value of a column; None where it is empty."""
    values = column.drop_duplicates().tolist()
    if len(values) > 1:
        raise ConfigError(
            f"--theta {path}: {column.name} is {values[0]!r} and {values[1]!r}: allowed is one for all rows"
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
            raise ConfigError(f"--theta {word}: wanted are two digits k, l as '33' or '33=-1', or one table")
        terms.append((int(found[1]), int(found[2])))
        values.append(_number(word, value) if sign else monomial_sign(terms[-1]))
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
        raise ConfigError(f"--theta {word}: {text!r} is not a finite number")
    return value


def _table(path: Path) -> Theta:
    """Read theta as meta-learning writes it; a file ``theta.csv`` is named after its folder."""
    numbers = _numbers(path)
    for row, (k, l, value) in enumerate(numbers.to_numpy(float), 1):
        if k not in range(10) or l not in range(10) or not math.isfinite(value):
            raise ConfigError(
                f"--theta {path}: row {row} is not a term: allowed are whole k and l from 0 to 9, and a number theta"
            )
    terms = list(zip(numbers.k.astype(int).tolist(), numbers.l.astype(int).tolist(), strict=True))
    name = path.resolve().parent.name if path.stem == "theta" else path.stem
    return Theta(_safe(name), palette.label(name), terms, numbers.theta.tolist())


def _numbers(path: Path) -> pd.DataFrame:
    """Read the three columns; what is not a number is NaN."""
    if not path.is_file():
        raise FileNotFoundError(
            f"--theta {path} is no file; wanted are terms as '33=-1', or a table with columns k, l, theta"
        )
    try:
        table = outputs.read_table(path)
    except ValueError as problem:  # no text, no columns, or rows of unequal length
        words = " ".join(str(problem).split())
        raise ConfigError(f"--theta {path} is no table with columns k, l, theta: {words}") from None
    if missing := [name for name in COLUMNS if name not in table]:
        raise ConfigError(f"--theta {path}: no column {', '.join(missing)}; wanted are k, l, theta")
    if table.empty:
        raise ConfigError(f"--theta {path}: no row; wanted is a row per term")
    return table[COLUMNS].apply(pd.to_numeric, errors="coerce")
