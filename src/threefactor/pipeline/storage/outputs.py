"""What a stage computes, written to the kind of file that its name asks for."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, Union

import pandas as pd

from threefactor.pipeline.files import PICTURES, TEXTS
from threefactor.pipeline.storage import manifest
from threefactor.pipeline.storage.manifest import Job, Manifest
from threefactor.pipeline.storage.whole import whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from threefactor.pipeline.storage.arrays import Array  # which imports torch

Output: TypeAlias = Union[pd.DataFrame, Mapping[str, "Array"], Mapping[str, object], "Figure", str]
"""A table, named arrays, a JSON object, a drawing or a text; the suffix of its path says which."""


def save(outputs: Mapping[Path, Output]) -> None:
    """Write several outputs and rename them together, once all are written.

    Parameters
    ----------
    outputs : mapping of Path to DataFrame, named arrays, JSON-able mapping, Figure or str
        The suffix of each path chooses the kind of file, see `WRITERS`.

    Raises
    ------
    TypeError
        If a value is not of the type that its suffix stands for; then nothing is written.
    """
    for path, value in outputs.items():
        expect(path, value)
    with whole(list(outputs)) as partial:
        _write(partial, outputs)


def save_job(places: Mapping[str, Path], values: Mapping[str, Output], job: Job) -> None:
    """Write the outputs of a job, by name, and their manifest beside the first; see `save`."""
    outputs = {path: values[name] for name, path in places.items()}
    for path, value in outputs.items():
        expect(path, value)
    beside = manifest.place(next(iter(outputs)))
    with whole([*outputs, beside]) as (*partial, last):
        _write(partial, outputs)
        described = [
            manifest.written(temporary, path, beside.parent, value)
            for temporary, (path, value) in zip(partial, outputs.items(), strict=True)
        ]
        manifest.write(last, Manifest(job, dict(zip(places, described, strict=True))))


def _write(partial: Sequence[Path], outputs: Mapping[Path, Output]) -> None:
    """Write each output to its temporary place."""
    for temporary, (path, value) in zip(partial, outputs.items(), strict=True):
        WRITERS[path.suffix](temporary, value, path.suffix)


def expect(path: Path, value: object) -> None:
    """Refuse a value that does not fit the suffix of its path."""
    if path.suffix not in WRITERS:
        raise TypeError(f"{path}: suffix {path.suffix!r} is not one of {', '.join(WRITERS)}")
    wanted = TYPES[path.suffix]
    if wanted not in [kind.__name__ for kind in type(value).__mro__]:
        raise TypeError(f"{path}: a {type(value).__name__} cannot be written, a {wanted} is wanted")


def read_table(path: Path) -> pd.DataFrame:
    """Read a table; an empty cell is a missing value, the text "NA" is text."""
    return pd.read_csv(path, keep_default_na=False, na_values=[""], float_precision="round_trip")


def read_json(path: Path) -> dict[str, object]:
    """Read one JSON object."""
    found: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _table(path: Path, value: pd.DataFrame, suffix: str) -> None:
    """Write a table with every digit of its floats and the same line ends everywhere."""
    value.to_csv(path, index=False, lineterminator="\n")


def _arrays(path: Path, value: "Mapping[str, Array]", suffix: str) -> None:
    from threefactor.pipeline.storage import arrays

    arrays.write(path, value)


def _json(path: Path, value: Mapping[str, object], suffix: str) -> None:
    text = json.dumps(_plain(value), indent=2, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def _text(path: Path, value: str, suffix: str) -> None:
    path.write_text(value, encoding="utf-8")


def _figure(path: Path, value: "Figure", suffix: str) -> None:
    """Write a figure without date, version or random ids, so that equal figures are equal bytes."""
    import matplotlib  # here, so that a stage that draws nothing does not load it

    undated = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}, ".png": {"Software": None}}
    with matplotlib.rc_context({"svg.hashsalt": "threefactor"}):
        value.savefig(path, format=suffix.removeprefix("."), metadata=undated[suffix])


def _plain(value: object) -> object:
    """Turn arrays and their numbers into Python's own, and what is not a number into null, for JSON."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "tolist"):  # of numpy or torch
        return _plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


WRITERS: dict[str, Callable[..., None]] = {
    ".csv": _table,
    ".safetensors": _arrays,
    ".json": _json,
    **dict.fromkeys(PICTURES, _figure),
    **dict.fromkeys(TEXTS, _text),
}

TYPES = {
    ".csv": "DataFrame",
    ".safetensors": "dict",
    ".json": "dict",
    **dict.fromkeys(PICTURES, "Figure"),
    **dict.fromkeys(TEXTS, "str"),
}
