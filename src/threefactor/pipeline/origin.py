"""Which job a file of results is of: what its pattern says, where its manifest lies, and what makes it again."""

import os
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from threefactor.experiment.settings.errors import SettingsError
from threefactor.pipeline import patterns, registry
from threefactor.pipeline.storage import damage, manifest
from threefactor.pipeline.storage.damage import DamagedError
from threefactor.pipeline.storage.manifest import Job, Manifest, ManifestError


class Origin(NamedTuple):
    """What the pattern of a file says of it."""

    path: Path
    job: Job  # without wildcards where the path does not say them
    output: str  # what the job calls it
    root: Path | None  # the folder of results; None for a file from elsewhere
    manifest: Path | None  # None for a file of another name


def of(pattern: str, path: Path) -> Origin:
    """Return the origin of a file that was made by a pattern, or lies in the place of one that was."""
    maker, outputs = _maker(pattern)
    output = next(name for name, one in outputs.items() if one == pattern)
    first = next(iter(outputs.values()))
    values = _values(pattern, path)
    if values is not None:
        root = Path(path.as_posix().removesuffix(pattern.format(**values)) or ".")
        return Origin(path, Job(maker, values), output, root, manifest.place(root / first.format(**values)))
    values = _values(Path(pattern).name, Path(path.name))
    if values is None:
        return Origin(path, Job(maker), output, None, None)
    beside = path.parent / os.path.relpath(Path(first).parent, Path(pattern).parent)
    return Origin(path, Job(maker), output, None, manifest.place(beside / Path(first).name.format(**values)))


def _maker(pattern: str) -> tuple[str, Mapping[str, str]]:
    """Return who makes the files of a pattern, and the patterns of all its outputs by name."""
    maker = registry.maker(pattern)
    stage = registry.stages().get(maker)
    if stage is not None and pattern in stage.outputs.values():
        return maker, stage.outputs
    return f"draw {maker}", registry.outputs_of_figure(maker)


def _values(pattern: str, path: Path) -> dict[str, str] | None:
    """Return the values of wildcards in a path; None if it is not of the pattern."""
    try:
        return patterns.match(pattern, path.as_posix())
    except SettingsError:
        return None


def check(origin: Origin) -> tuple[str, bool]:
    """Check that a file is as its job wrote it.

    Returns
    -------
    str
        Its sha256.
    bool
        Whether a manifest vouches for it; False for a file from elsewhere that has none.

    Raises
    ------
    DamagedError
        In one line: the file, what it is, what it must be, and the command that makes it again.
    """
    digest = manifest.digest(origin.path)
    try:
        told = manifest.read(origin.manifest) if origin.manifest else None
    except FileNotFoundError:
        told = None
    except ManifestError as problem:
        raise DamagedError(f"{origin.manifest}: {problem}; {again(origin)}") from None
    if told is None:
        return digest, False
    if fault := _fault(origin, told, digest):
        raise DamagedError(f"{origin.path}: {fault}; {again(origin)}")
    return digest, True


def _fault(origin: Origin, told: Manifest, digest: str) -> str:
    """Say what is wrong with a file by its manifest; nothing if it is whole."""
    job, output = told.job, origin.output
    is_other = origin.job.wildcards and dict(job.wildcards) != dict(origin.job.wildcards)
    if job.name != origin.job.name or is_other:
        return f"is of {job.label}: must be of {origin.job.label}"
    wanted = told.outputs.get(output)
    if wanted is None or wanted.file != _file(origin):
        return f"is not in its manifest: must be {output} of {origin.job.label}"
    if digest == wanted.sha256:
        return ""
    other = _other(origin, told, digest)
    return f"{other or damage.found(origin.path, wanted)}: {damage.must(wanted)}, as {job.label} wrote it"


def _file(origin: Origin) -> str:
    """Return what a manifest calls a file."""
    assert origin.manifest is not None
    return Path(os.path.relpath(origin.path, origin.manifest.parent)).as_posix()


def _other(origin: Origin, told: Manifest, digest: str) -> str:
    """Say which other file of the results a file is, if it is one."""
    for name, one in told.outputs.items():
        if one.sha256 == digest:
            return f"is the same as {name} of {told.job.label}"
    for found in manifests(origin.root) if origin.root else ():
        for name, one in found.outputs.items():
            if one.sha256 == digest:
                return f"is the same as {name} of {found.job.label}"
    return ""


def manifests(root: Path) -> Iterator[Manifest]:
    """Read all manifests of a folder of results that can be read."""
    for path in sorted(root.rglob(f"*{manifest.SUFFIX}")):
        try:
            yield manifest.read(path)
        except (ManifestError, OSError):
            continue


def again(origin: Origin) -> str:
    """Name the command that makes a file again."""
    words = ["python", "-m", "threefactor", *origin.job.name.split()]
    settings = origin.root / "config.yaml" if origin.root else None
    if settings is not None and settings.is_file():
        words += ["--config", str(settings)]
    for name, value in origin.job.wildcards.items():
        words += [f"--{name.replace('_', '-')}", value]
    return f"to make it again: {shlex.join(words)}"
