"""What stages declare of their files, in ``stages/<stage>/tables.py``, and whether a file holds it."""

import importlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from threefactor.analysis.table import Array, Column, Table
from threefactor.pipeline import registry
from threefactor.pipeline.storage import damage, outputs

if TYPE_CHECKING:
    from torch import Tensor

FACTOR = "<factor>"
"""Stands for each factor of the task in the names of columns."""

LISTED = 8
"""Names that a message lists at most."""

Fields = Mapping[str, tuple[Array, ...]]


def tables_of(stage: str) -> Mapping[str, Table]:
    """Return what a stage declares of its tables, by the name of the output."""
    module = importlib.import_module(f"threefactor.stages.{stage}.tables")
    found: Mapping[str, Table] = module.tables([FACTOR]) if hasattr(module, "tables") else module.TABLES
    return found


def arrays_of(stage: str) -> Fields:
    """Return what a stage declares of its arrays, by the name of the output."""
    found: Fields = getattr(importlib.import_module(f"threefactor.stages.{stage}.tables"), "ARRAYS", {})
    return found


def fault(job: str, output: str, path: Path, *, is_all: bool = True) -> str:
    """Say in what a file differs from what its job declares; nothing if it holds that.

    Parameters
    ----------
    job : str
        Of the stage, or of a figure, which declares nothing.
    output : str
        What the stage calls the file.
    path : Path
        Of a table, of arrays, or of a JSON object; other kinds are looked at no further than at their beginning.
    is_all : bool
        Whether a table must have all columns that are declared; one that a person wrote needs those that are read.
    """
    if words := damage.kind(path):
        return words
    if path.suffix not in READERS:
        return ""
    try:
        value = READERS[path.suffix](path)
    except (OSError, ValueError) as problem:
        return f"is no {NAMES[path.suffix]}: {' '.join(str(problem).split())}"
    return fault_of(job, output, value, is_all=is_all)


def fault_of(job: str, output: str, value: Any, *, is_all: bool = True) -> str:
    """Say in what a value differs from what its job declares; see `fault`."""
    if job not in registry.stages():
        return ""
    if isinstance(value, pd.DataFrame) and output in tables_of(job):
        return _of_table(value, tables_of(job)[output], is_all=is_all)
    if isinstance(value, Mapping) and output in arrays_of(job):
        return _of_arrays(value, arrays_of(job)[output])
    return ""


def _of_table(value: pd.DataFrame, table: Table, *, is_all: bool) -> str:
    named = [column for column in table.columns if "<" not in column.name]
    missing = [column.name for column in named if column.name not in value]
    if missing and (is_all or len(missing) == len(named)):
        return f"has no column {missing[0]}: must have {_listed(named)}"
    if len(value) < table.least:
        return f"has {len(value)} rows: must have at least {table.least}, each {table.row}"
    for column in named:
        if not column.finite or column.name in missing:
            continue
        numbers = pd.to_numeric(value[column.name], errors="coerce").to_numpy(float)
        if not np.isfinite(numbers).all():
            row = int(np.isfinite(numbers).argmin())
            return f"has {column.name} = {value[column.name].iloc[row]} in row {row + 1}: must be a finite number"
    return ""


def _of_arrays(value: "Mapping[str, Tensor]", fields: Sequence[Array]) -> str:
    named = [one for one in fields if "<" not in one.name]
    needed = [one for one in named if not one.optional]
    if missing := [one.name for one in needed if one.name not in value]:
        return f"has no array {missing[0]}: must have {_listed(needed)}"
    sizes: dict[str, int] = {}
    for one in named:
        if one.name not in value:
            continue
        array = value[one.name]
        if fault := _of_shape(one, tuple(array.shape), sizes):
            return fault
        if one.finite and not array.isfinite().all():
            return f"has {int((~array.isfinite()).sum())} values in {one.name} that are not finite: must have none"
    return ""


def _of_shape(one: Array, shape: tuple[int, ...], sizes: dict[str, int]) -> str:
    """Say in what a shape differs from the axes, or from sizes of axes that are known; add those of this one."""
    axes = re.findall(r"[^,]+(?=,|$)" if "," in one.axes else r"\S+", one.axes)
    known = {axis: sizes.get(axis, size) for axis, size in zip(axes, shape, strict=False)}
    if len(axes) != len(shape) or tuple(known[axis] for axis in axes) != shape:
        words = " ".join(str(known.get(axis, axis)) for axis in axes)
        return f"has {one.name} of shape {shape}: must be {one.axes} ({words})"
    sizes.update({axis: size for axis, size in known.items() if len(axis) == 1 and axis.isalpha()})
    return ""


def _listed(named: Sequence[Column | Array]) -> str:
    names = [one.name for one in named]
    return ", ".join([*names[:LISTED], *(["…"] if len(names) > LISTED else [])])


def _arrays(path: Path) -> "Mapping[str, Tensor]":
    from threefactor.pipeline.storage import arrays

    return arrays.load(path)


def _json(path: Path) -> Mapping[str, object]:
    found = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(found, dict):
        raise ValueError("must be an object")
    return found


READERS = {".csv": outputs.read_table, ".safetensors": _arrays, ".json": _json}

NAMES = {".csv": "table", ".safetensors": "file of arrays", ".json": "JSON"}
