"""What a job wrote: one manifest beside its first output, by which whoever reads a file can tell that it is whole.

It holds no clock, no name of a user and no path outside of the results, so that equal results have equal manifests.
"""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

SUFFIX = ".manifest"
"""Of a manifest, beside the first output of its job."""

VERSION = 1
"""Of the form of manifests; another one is refused."""


class Written(NamedTuple):
    """One file as its job wrote it."""

    file: str  # relative to the folder of the manifest
    sha256: str
    size: int  # bytes
    rows: int | None  # of a table
    holds: Mapping[str, str]  # type of each column; type and shape of each array


class Job(NamedTuple):
    """Which job wrote files, and from what."""

    name: str  # of the stage, or of the figure
    wildcards: Mapping[str, str] = {}
    fingerprint: str = ""  # of code, settings, inputs, device and kernels
    inputs: Mapping[
        str, str
    ] = {}  # sha256 of each, by place below the results; by name for files from elsewhere

    @property
    def label(self) -> str:
        """Return the job in words."""
        return " ".join([self.name, *self.wildcards.values()])


class Manifest(NamedTuple):
    """All files of a job."""

    job: Job
    outputs: Mapping[str, Written]  # by the names that the stage declares


class ManifestError(Exception):
    """A manifest that cannot be read; the message says what it is, without its path."""


def place(first: Path) -> Path:
    """Return where the manifest of a job lies whose first output this is."""
    return Path(f"{first}{SUFFIX}")


def written(path: Path, final: Path, folder: Path, value: Any) -> Written:
    """Describe a file that was just written under a temporary name.

    Parameters
    ----------
    path : Path
        Where it is now.
    final : Path
        Where it will be.
    folder : Path
        Of the manifest.
    value : DataFrame, named arrays, or another output
        What it holds.
    """
    file = Path(os.path.relpath(final, folder)).as_posix()
    rows = len(value) if final.suffix == ".csv" else None
    return Written(
        file,
        digest(path),
        path.stat().st_size,
        rows,
        HOLDS[final.suffix](value) if final.suffix in HOLDS else {},
    )


def _columns(table: Any) -> dict[str, str]:
    """Name the type of each column."""
    return {str(name): str(kind) for name, kind in table.dtypes.items()}


def _arrays(arrays: Mapping[str, Any]) -> dict[str, str]:
    """Name type and shape of each array."""
    return {
        name: " ".join([str(one.dtype).removeprefix("torch."), *map(str, one.shape)])
        for name, one in sorted(arrays.items())
    }


HOLDS: Mapping[str, Callable[..., dict[str, str]]] = {".csv": _columns, ".safetensors": _arrays}
"""What describes the values of a kind of file."""


def digest(path: Path) -> str:
    """Hash a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write(path: Path, manifest: Manifest) -> None:
    """Write a manifest straight to `path`."""
    outputs = {name: one._asdict() for name, one in manifest.outputs.items()}
    tree = {"version": VERSION, "job": manifest.job._asdict(), "outputs": outputs}
    path.write_text(json.dumps(tree, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read(path: Path) -> Manifest:
    """Read a manifest.

    Raises
    ------
    ManifestError
        If it is none, or of another version.
    FileNotFoundError
        If there is none.
    """
    try:
        tree: Any = json.loads(path.read_text(encoding="utf-8"))
        version = tree["version"]
        if version == VERSION:
            outputs = {name: Written(**one) for name, one in tree["outputs"].items()}
            return Manifest(Job(**tree["job"]), outputs)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise ManifestError("is no manifest of a job") from None
    raise ManifestError(f"is of version {version!r}: must be of version {VERSION}")
