"""Files that appear whole or not at all."""

import contextlib
import errno
import glob
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from threefactor.locks import is_alive


@contextlib.contextmanager
def whole(paths: Sequence[Path]) -> Iterator[list[Path]]:
    """Lend a temporary name for each path; rename all together when the block ends well.

    The temporary files lie beside the final ones, on the same file system, so that each rename is atomic
    and none is done before every file has been written.  When the block raises, nothing of it remains.

    Parameters
    ----------
    paths : sequence of Path
        The final names; their folders are made.

    Yields
    ------
    list of Path
        One name to write to for each final name, in the same order.

    Raises
    ------
    OSError
        If the disk is full or the folder closed; it names the folder, which a full disk does not.
    """
    try:
        with _partial(paths) as partial:
            yield partial
    except OSError as problem:
        words = f"cannot be written: {problem.strerror or problem}"
        raise OSError(problem.errno or errno.EIO, words, str(paths[0].parent)) from problem


@contextlib.contextmanager
def _partial(paths: Sequence[Path]) -> Iterator[list[Path]]:
    """Lend the temporary names; see `whole`."""
    partial = [path.with_name(f".{path.name}.{os.getpid()}.partial") for path in paths]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        _sweep(path)
    try:
        yield partial
        for temporary in partial:
            _flush(temporary)
        for temporary, path in zip(partial, paths, strict=True):
            temporary.replace(path)
    finally:
        for temporary in partial:
            temporary.unlink(missing_ok=True)


def _sweep(path: Path) -> None:
    """Delete what processes of this machine left of a file that were killed while they wrote it."""
    for left in path.parent.glob(f".{glob.escape(path.name)}.*.partial"):
        pid = left.name.removesuffix(".partial").rpartition(".")[2]
        if pid.isdecimal() and not is_alive(int(pid)):
            left.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    """Bring a file's content to the disk before its name, so that a lost power line leaves no empty file."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
