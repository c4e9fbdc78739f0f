"""What a file of trained networks holds, with names for the axes, units, meanings, and the settings of the run."""

import json
from collections.abc import Mapping
from importlib import metadata
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from threefactor.analysis.table import NETWORK, Array
from threefactor.experiment.settings.errors import SettingsError
from threefactor.experiment.view import View, dump, value_at
from threefactor.pipeline import declared, patterns, registry
from threefactor.pipeline.solution_file import OUTPUT, POINTS, STAGE, SolutionFile

AXES = {
    "b": "network",
    "h": "trial",
    "i": "unit_post",
    "j": "unit_pre",
    "c": "input",
    "o": "output",
    "l": "level",
    "s": "snapshot",
}
"""Name of an axis by its letter; a unit that an output reads is presynaptic to it."""

MEANINGS = {
    "network": NETWORK.meaning,
    "trial": "number of the trial of learning, from 1",
    "unit_post": "number of the unit that a synapse or an input is onto, from 0",
    "unit_pre": "number of the unit that a synapse or an output is from, from 0",
    "input": "number of the input channel, from 0",
    "output": "number of the output, from 0",
    "snapshot": "trials of learning after which weights were kept",
}
"""Of the coordinates; that of the levels is declared with their array."""

SETTINGS = {
    "task": "task.name",
    "seed": "seed",
    "precision": "precision",
    "activation": "network.activation",
    "readout": "network.readout",
    "time_step_ms": "network.time_step_ms",
    "time_constant_ms": "network.time_constant_ms",
}
"""Attributes that are settings; attribute ``settings`` has all of them, as JSON."""


class Labelled(NamedTuple):
    """An array that explains itself."""

    dims: tuple[str, ...]
    values: NDArray[Any]
    unit: str  # empty for none
    meaning: str


class Content(NamedTuple):
    """What is exported, by name; the names are the same in every format and fit for MATLAB."""

    variables: Mapping[str, Labelled]
    coordinates: Mapping[str, Labelled]  # one for each axis
    attributes: Mapping[str, str | int | float]


def content(file: SolutionFile) -> Content:
    """Return all that a file holds.

    Raises
    ------
    SettingsError
        If the path does not say the learning rule, or the settings are not those of the run.
    """
    fields = [one for one in declared.arrays_of(STAGE)[OUTPUT] if one.name in file.arrays]
    labelled = {one.name.replace(".", "_"): _labelled(one, file) for one in fields}
    levels = labelled.pop("level")
    sizes = {
        dim: size for one in labelled.values() for dim, size in zip(one.dims, one.values.shape, strict=True)
    }
    numbers = _numbers(file, sizes)
    coordinates = {
        dim: Labelled((dim,), numbers[dim], "trials" if dim in ("trial", "snapshot") else "", MEANINGS[dim])
        for dim in sizes
        if dim != "level"
    }
    return Content(labelled, {**coordinates, "level": levels}, attributes(file))


def attributes(file: SolutionFile) -> dict[str, str | int | float]:
    """Return the learning rule, the settings that matter, all settings, and the version of threefactor."""
    rule = _of(file)
    return {
        "learning_rule": rule["learning_rule"],
        "batch": int(rule["batch"]),
        **{name: value_at(file.settings, key) for name, key in SETTINGS.items()},
        "threefactor_version": metadata.version("threefactor"),
        "settings": json.dumps(_plain(file.settings), ensure_ascii=False),
    }


def network_numbers(file: SolutionFile) -> NDArray[np.int64]:
    """Return the numbers of the networks of the batch; b."""
    count = len(file.arrays["initial.weights"])
    return int(_of(file)["batch"]) * count + np.arange(count)


def missing(file: SolutionFile) -> dict[tuple[str, float], str]:
    """Say how many networks never came to a level or snapshot, by its kind and value; only of those that some missed."""
    values = {"level": file.arrays["level"].tolist(), "snapshot": _snapshots(file)}
    found = {}
    for point in POINTS:
        trial = file.arrays[f"{point}.trial"]
        for value, never in zip(values[point], (trial < 0).sum(0).tolist(), strict=True):
            if never:
                found[point, value] = f"{never} of {len(trial)} networks never came there"
    return found


def _of(file: SolutionFile) -> dict[str, str]:
    """Return the learning rule and the batch that the path of a file names."""
    return patterns.match(registry.stage(STAGE).outputs[OUTPUT], file.path.absolute().as_posix())


def _plain(settings: View) -> dict[str, Any]:
    """Return all settings but for those of tracking, which can hold a password."""
    blocks = {name: settings[name] for name in settings if name != "tracking"}
    return {name: dump(one) if isinstance(one, BaseModel) else one for name, one in blocks.items()}


def _labelled(one: Array, file: SolutionFile) -> Labelled:
    """Name the axes of an array; what has one element has none."""
    values, letters = file.arrays[one.name].numpy(), one.axes.split()
    if letters == ["1"]:
        return Labelled((), values.reshape(()), one.unit, one.meaning)
    dims = tuple("unit_pre" if letter == "i" and "o" in letters else AXES[letter] for letter in letters)
    point, _, part = one.name.partition(".")
    if point in POINTS and part.endswith("weights"):
        return Labelled(
            dims, values, one.unit, f"{one.meaning.partition(';')[0]}; NaN where {point}_trial is -1"
        )
    return Labelled(dims, values, one.unit, one.meaning)


def _numbers(file: SolutionFile, sizes: Mapping[str, int]) -> dict[str, NDArray[Any]]:
    """Return the coordinates along the axes."""
    found = {dim: np.arange(size) for dim, size in sizes.items()}
    known = {
        "network": network_numbers(file),
        "trial": 1 + found["trial"],
        "snapshot": np.array(_snapshots(file), dtype=np.int64),
    }
    return {**found, **known}


def _snapshots(file: SolutionFile) -> list[int]:
    """Return the trials at which weights were kept.

    Raises
    ------
    SettingsError
        If the file has more or fewer, or another number of networks.
    """
    retrain = file.settings.retrain
    networks, trials = file.arrays["error"].shape
    asked = [trial for trial in retrain.snapshots if trial <= trials]
    kept = file.arrays["snapshot.trial"].shape[1]
    for key, own, wanted in (("networks", retrain.networks, networks), ("snapshots", len(asked), kept)):
        if own != wanted:
            raise SettingsError(
                f"{file.path}: retrain.{key}: must be {wanted}, not {own}; give the settings of its run"
            )
    return asked
