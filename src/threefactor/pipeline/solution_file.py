"""A file of trained networks with the settings of its run, which lie two folders up."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from threefactor.contract import Network
from threefactor.experiment.solutions import network_of
from threefactor.experiment.view import View, everything
from threefactor.pipeline import registry
from threefactor.pipeline.inputs import expect_whole
from threefactor.pipeline.settings import load
from threefactor.pipeline.storage import arrays

STAGE, OUTPUT = "retrain", "solutions"
"""Who writes such files, and what the stage calls them."""

PATTERN = registry.stages()[STAGE].outputs[OUTPUT]

POINTS = ("level", "snapshot")
"""Points of learning at which weights are kept, if a network comes there."""


class SolutionFile(NamedTuple):
    """What stage ``retrain`` wrote of a batch of networks."""

    path: Path
    settings: View  # of the run
    arrays: dict[str, Tensor]  # as the stage declares them, but weights that never were are NaN; on the CPU


class Solution(NamedTuple):
    """A batch of networks that stage ``retrain`` trained."""

    before: Network
    after: Network  # at the end of learning
    at: dict[
        float, Network
    ]  # by level of the noise-free error, when it was first crossed; NaN where it never was
    crossed: dict[
        float, Tensor
    ]  # b, int64, by level: trials until then; -1 for a network that never crossed it
    error: Tensor  # b h, mean |y - y*| of each trial; NaN after diverging


def read(path: str | Path, settings: View | None = None) -> SolutionFile:
    """Read ``<results>/retrain/<rule>/<batch>.safetensors``.

    Parameters
    ----------
    path
        Of the file.
    settings
        Of the run; None for those that lie beside it, ``<results>/config.yaml``.

    Raises
    ------
    DamagedError, FileNotFoundError
        In one line: if there is no such file, it holds something else, or its settings are not there.
    """
    place = Path(path)
    if not place.is_file():
        raise FileNotFoundError(f"{place}: must be a file that stage {STAGE} wrote; there is none")
    expect_whole(place, PATTERN)
    found = arrays.load(place)
    return SolutionFile(place, _settings_beside(place) if settings is None else settings, with_nan(found))


def solution(file: SolutionFile) -> Solution:
    """Return the networks of a file, by the points of learning."""
    found, activation, levels = file.arrays, file.settings.network.activation, file.arrays["level"].tolist()
    return Solution(
        before=network_of(found, "initial", activation),
        after=network_of(found, "final", activation),
        at={level: network_of(found, "level", activation, place) for place, level in enumerate(levels)},
        crossed=dict(zip(levels, found["level.trial"].unbind(1), strict=True)),
        error=found["error"],
    )


def with_nan(found: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the arrays with NaN for weights at points that a network never came to, where the file has zeros."""
    result = dict(found)
    for point in POINTS:
        never = (found[f"{point}.trial"] < 0)[..., None, None]
        for name in (f"{point}.weights", f"{point}.output_weights"):
            result[name] = found[name].masked_fill(never, torch.nan)
    return result


def _settings_beside(path: Path) -> View:
    """Read the settings that the pipeline wrote to the folder of results."""
    file = path.absolute().parent.parent.parent / "config.yaml"
    if not file.is_file():
        raise FileNotFoundError(f"{path}: its settings must be given; they do not lie beside it, as {file}")
    return everything(load.load(file))
