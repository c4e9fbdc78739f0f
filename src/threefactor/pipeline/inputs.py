"""The files that a job or a figure reads, as stages see them."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from threefactor.experiment.view import View
from threefactor.pipeline import patterns
from threefactor.pipeline.files import Files
from threefactor.pipeline.storage import outputs

if TYPE_CHECKING:
    import torch  # at run time only where arrays are read: importing it takes longer than most figures


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


def existing(who: str, files: Files) -> dict[str, list[Path]]:
    """Return the inputs as paths.

    Raises
    ------
    FileNotFoundError
        If one does not exist.
    """
    inputs = {name: [Path(path) for path in paths] for name, paths in files.inputs.items()}
    for path in [path for paths in inputs.values() for path in paths]:
        if not path.exists():
            raise FileNotFoundError(f"{who}: input {path} does not exist; run the stage that makes it first")
    return inputs
