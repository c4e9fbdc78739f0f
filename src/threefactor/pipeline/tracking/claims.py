"""Who is at work: the process that a pipeline's run belongs to, and the one courier that is at a journal."""

import contextlib
import os
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

from threefactor.locks import take

PID, HOST = "threefactor.pid", "threefactor.host"
"""Tags of a pipeline's run."""


def here() -> Mapping[str, str]:
    """Return the tags by which it can be seen later whether this process is gone."""
    return {HOST: socket.gethostname(), PID: str(os.getpid())}


def size_of(path: Path) -> int:
    """Return the bytes of a file, 0 if there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


@contextlib.contextmanager
def claimed(path: Path) -> Iterator[bool]:
    """Tell whether the file is there and no other courier is at it, which is kept off while the block runs."""
    file: IO[bytes]
    try:
        file = path.open("r+b")  # a lock for writing needs that on NFS
    except OSError:
        yield False
        return
    with file:
        yield take(file, patience=0)
