"""Which files of a folder of results are whole."""

import functools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from threefactor.pipeline import files, origin, registry
from threefactor.pipeline.inputs import expect_whole
from threefactor.pipeline.storage import manifest
from threefactor.pipeline.storage.damage import DamagedError
from threefactor.pipeline.storage.manifest import Manifest, ManifestError


class Look(NamedTuple):
    """A file that was looked at."""

    path: Path
    maker: str  # stage, or "draw" and the figure
    fault: str  # one line; nothing if the file is whole


def looks(results: Path) -> Iterator[Look]:
    """Look at every file of a folder of results: those of stages and figures, and those that manifests name.

    Parameters
    ----------
    results
        The folder; its settings are not needed.
    """
    seen: set[Path] = set()
    for maker, patterns in _makers():
        for pattern in patterns.values():
            for path in files.lying(results, pattern):
                seen.add(path.resolve())
                yield Look(path, maker, _fault(path, pattern))
    for place in sorted(results.rglob(f"*{manifest.SUFFIX}")):
        yield from _of_manifest(place, results, seen)


def _makers() -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield all stages and figures with the patterns of their outputs."""
    for name, spec in registry.stages().items():
        yield name, spec.outputs
    for name in registry.figures():
        yield f"draw {name}", registry.outputs_of_figure(name)


def _fault(path: Path, pattern: str) -> str:
    """Say what is wrong with a file of a pattern."""
    found = origin.of(pattern, path)
    try:
        expect_whole(path, pattern)
    except DamagedError as problem:
        return str(problem)
    if found.manifest is None or not found.manifest.exists():
        return f"{path}: has no manifest, so that nothing tells whether it is whole; {origin.again(found)}"
    return ""


def _of_manifest(place: Path, results: Path, seen: set[Path]) -> Iterator[Look]:
    """Look at what a manifest names that is at no usual place or is gone, and at the inputs that it was made from."""
    try:
        told = manifest.read(place)
    except ManifestError as problem:
        yield Look(place, "", f"{place}: {problem}")
        return
    for one in told.outputs.values():
        path = place.parent / one.file
        if not path.exists():
            yield Look(path, told.job.name, f"{path}: is gone: must be there, as {told.job.label} wrote it")
        elif path.resolve() not in seen:
            is_whole = manifest.digest(path) == one.sha256
            yield Look(path, told.job.name, "" if is_whole else f"{path}: has other content than was written")
    if fault := _stale(told, results):
        yield Look(place, told.job.name, f"{place}: {fault}")


def _stale(told: Manifest, results: Path) -> str:
    """Name an input that is another one now than the job read."""
    for name, digest in told.job.inputs.items():
        path = results / name
        if path.is_file() and _digest(path) != digest:
            return f"{told.job.label} was made from another {name} than lies there; snakemake makes it again"
    return ""


@functools.cache
def _digest(path: Path) -> str:
    """Hash an input once, that many jobs read."""
    return manifest.digest(path)
