"""The files that a job or a figure reads, as stages see them."""

import contextlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from threefactor.experiment.view import View
from threefactor.pipeline import origin, patterns, registry
from threefactor.pipeline.files import Files
from threefactor.pipeline.storage import outputs
from threefactor.pipeline.storage.damage import DamagedError

if TYPE_CHECKING:
    import torch  # at run time only where arrays are read: importing it takes longer than most figures

LOG = logging.getLogger(__name__)


class FileInputs:
    """Inputs by name; see `threefactor.experiment.work.Inputs` for what each method gives.

    Parameters
    ----------
    paths : mapping of str to sequence of Path
        The files of each input.
    patterns : mapping of str to str
        The pattern that they were made by.
    settings : View
        What may be read.
    device : torch.device or str
        Where arrays are read to.
    """

    def __init__(
        self,
        paths: Mapping[str, Sequence[Path]],
        patterns: Mapping[str, str],
        settings: View,
        device: "torch.device | str",
    ) -> None:
        self._paths, self._patterns = paths, patterns
        self.settings = settings
        self.device: Any = device

    def paths(self, name: str) -> Sequence[Path]:
        """Return the files of an input."""
        return self._paths[name]

    def table(self, name: str) -> pd.DataFrame:
        """Read the one table of an input."""
        return outputs.read_table(self._only(name))

    def joined(self, name: str) -> pd.DataFrame:
        """Read all tables of an input below each other, with a column for each wildcard that they lack."""
        parts = []
        for path in self._paths[name]:
            part, values = outputs.read_table(path), self._values(name, path)
            parts.append(part.assign(**{key: value for key, value in values.items() if key not in part}))
        columns = list(dict.fromkeys(column for part in parts for column in part))
        filled = [part.dropna(axis=1, how="all") for part in parts if len(part)]
        if not filled:
            return parts[0] if parts else pd.DataFrame()
        return pd.concat(filled, ignore_index=True).reindex(columns=columns)

    def by(self, name: str, wildcard: str) -> dict[str, pd.DataFrame]:
        """Read all tables of an input, by the value of a wildcard in their path."""
        return {self._values(name, path)[wildcard]: outputs.read_table(path) for path in self._paths[name]}

    def arrays(self, name: str) -> "dict[str, torch.Tensor]":
        """Read the one file of arrays of an input, to the job's device."""
        from threefactor.pipeline.storage import arrays

        return arrays.load(self._only(name), self.device)

    def each_arrays(self, name: str) -> "Iterator[tuple[dict[str, str], dict[str, torch.Tensor]]]":
        """Read the files of arrays of an input one after the other, each with the values of its wildcards."""
        from threefactor.pipeline.storage import arrays

        for path in self._paths[name]:
            yield self._values(name, path), arrays.load(path, self.device)

    def json(self, name: str) -> dict[str, Any]:
        """Read the one JSON object of an input."""
        return outputs.read_json(self._only(name))

    def _only(self, name: str) -> Path:
        (path,) = self._paths[name]
        return path

    def _values(self, name: str, path: Path) -> dict[str, str]:
        return patterns.match(self._patterns[name], path.as_posix())


class Checked(NamedTuple):
    """The files of a job that are there and whole."""

    paths: dict[str, list[Path]]  # by the name of the input
    digests: dict[Path, str]  # sha256


def checked(who: str, files: Files, patterns: Mapping[str, str]) -> Checked:
    """Return the inputs, each checked by the manifest beside it; one that has none by what its stage declares.

    Parameters
    ----------
    who : str
        The stage or figure that reads.
    files : Files
        Of the job.
    patterns : mapping of str to str
        The pattern of each input.

    Raises
    ------
    FileNotFoundError
        If one does not exist.
    DamagedError
        If one is not whole, in one line.
    """
    paths = {name: [Path(path) for path in several] for name, several in files.inputs.items()}
    digests, unknown = {}, []
    for name, several in paths.items():
        for path in several:
            found = origin.of(patterns[name], path)
            if not path.exists():
                raise FileNotFoundError(f"{who}: input {path} does not exist; {origin.again(found)}")
            digests[path], is_known = _expect_whole(found)
            if not is_known:
                unknown.append(path)
    if unknown:
        LOG.warning("%d inputs have no manifest, their form alone was checked: %s", len(unknown), unknown[0])
    return Checked(paths, digests)


def table(path: Path, stage: str, output: str) -> pd.DataFrame:
    """Read a table that a stage wrote, once it is found to be whole; see `checked`."""
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist; stage {stage} writes it")
    expect_whole(path, registry.stages()[stage].outputs[output])
    return outputs.read_table(path)


def expect_whole(path: Path, pattern: str) -> None:
    """Refuse a file of results that is not whole; see `checked`."""
    _expect_whole(origin.of(pattern, path))


def _expect_whole(found: origin.Origin) -> tuple[str, bool]:
    """Return the sha256 of a whole file, and whether it has a manifest."""
    digest, is_known = origin.check(found)
    if not is_known:
        _expect_declared(found, is_all=False)
    return digest, is_known


def placed(found: Checked, results: str) -> dict[str, str]:
    """Return the sha256 of each input by its place below the results, or by its name if it lies elsewhere."""
    below = f"{results}/"
    places = {path: path.as_posix() for path in found.digests}
    return {
        place.removeprefix(below) if place.startswith(below) else path.name: found.digests[path]
        for path, place in places.items()
    }


def _expect_declared(found: origin.Origin, *, is_all: bool = True) -> None:
    """Refuse a file that holds other than its stage declares."""
    from threefactor.pipeline import declared  # what declares can import torch

    if fault := declared.fault(found.job.name, found.output, found.path, is_all=is_all):
        raise DamagedError(f"{found.path}: {fault}; {origin.again(found)}")


@contextlib.contextmanager
def blamed(found: Checked, patterns: Mapping[str, str]) -> Iterator[None]:
    """Where the block fails, look first whether an input holds other than its stage declares, and say so instead."""
    try:
        yield
    except Exception:
        for name, several in found.paths.items():
            for path in several:
                _expect_declared(origin.of(patterns[name], path))
        raise
