"""Files of trained networks for other programs; the ending says which."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from scipy.io import savemat

from threefactor.experiment.settings.errors import SettingsError
from threefactor.network import rate_network
from threefactor.network.rate_network import RateNetwork
from threefactor.pipeline.export.dataset import dataset
from threefactor.pipeline.export.labelled import Content, Labelled, content
from threefactor.pipeline.export.module import module
from threefactor.pipeline.solution_file import SolutionFile
from threefactor.pipeline.storage.whole import whole

MODULE = ".pt"
"""Ending of networks that run alone; the source of their module lies beside them."""

SOURCE = Path(rate_network.__file__)
"""That source."""


def write(file: SolutionFile, to: Path, *, level: float | None = None) -> list[Path]:
    """Write what a file of trained networks holds, and return the paths of what was written.

    Parameters
    ----------
    file
        Of stage ``retrain``.
    to
        ``.npz`` (numpy), ``.mat`` (MATLAB) and ``.nc`` (netCDF) get everything, ``.pt`` (torch) the networks at one
        point of learning, with the source of a module that runs them beside it.
    level
        Of ``.pt``: the networks that crossed this level of the noise-free error, when they first did; None for all
        networks at the end of learning.

    Raises
    ------
    SettingsError
        In one line, with the value and what it must be.
    """
    if to.suffix not in (*WRITERS, MODULE):
        raise SettingsError(f"{to}: must end in {', '.join([*WRITERS, MODULE])}")
    if to.suffix == MODULE:
        return write_module(module([file], level), to)
    if level is not None:
        raise SettingsError(f"level = {level:g}: must be left out for {to}, which gets all levels")
    held = content(file)
    with whole([to]) as (partial,):
        WRITERS[to.suffix](partial, held)
    return [to]


def write_module(networks: RateNetwork, to: Path) -> list[Path]:
    """Write networks, and beside them the source of the module that runs them; return both paths."""
    source = to.with_name(SOURCE.name)
    with whole([to, source]) as (partial, beside):
        networks.save(partial)
        beside.write_bytes(SOURCE.read_bytes())
    return [to, source]


def _numpy(path: Path, held: Content) -> None:
    """Write the arrays by their names, and ``about``: JSON with the axes, units and meanings, and all attributes."""
    about = json.dumps({"attributes": held.attributes, "arrays": _explained(held)}, ensure_ascii=False)
    with path.open("wb") as file:
        np.savez(file, about=np.array(about), **_arrays(held))


def _matlab(path: Path, held: Content) -> None:
    """Write the arrays by their names, and ``about``: a structure of the attributes, and of the arrays by name."""
    about = {**held.attributes, "arrays": _explained(held)}
    savemat(str(path), {**_arrays(held), "about": about}, appendmat=False, long_field_names=True)


def _netcdf(path: Path, held: Content) -> None:
    """Write the labelled dataset in the older format of netCDF, which needs no library beside scipy."""
    dataset(held).to_netcdf(path, engine="scipy")


def _arrays(held: Content) -> dict[str, Any]:
    return {name: one.values for name, one in _all(held).items()}


def _explained(held: Content) -> dict[str, dict[str, str]]:
    """Return the axes, units and meanings of all arrays."""
    return {
        name: {"axes": " ".join(one.dims), "unit": one.unit, "meaning": one.meaning}
        for name, one in _all(held).items()
    }


def _all(held: Content) -> dict[str, Labelled]:
    return {**held.coordinates, **held.variables}


WRITERS: dict[str, Callable[[Path, Content], None]] = {".npz": _numpy, ".mat": _matlab, ".nc": _netcdf}
"""What writes everything, by the ending of the file."""
