"""Where a killed job left off."""

import contextlib
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

import torch

from threefactor.locks import take
from threefactor.pipeline.storage import arrays
from threefactor.pipeline.storage.trees import Flat

LOG = logging.getLogger(__name__)


class Checkpoint(NamedTuple):
    """A file of named arrays that only the code and settings that wrote it may read.

    Snakemake deletes a killed job's outputs but never a checkpoint, so a job resumed under another
    setting would mix the two; hence the fingerprint.
    """

    path: Path
    fingerprint: str

    def save(self, state: Flat) -> None:
        """Replace the checkpoint, whole or not at all."""
        arrays.save(self.path, state.arrays, {"fingerprint": self.fingerprint, "values": state.values})

    def load(self, device: torch.device) -> Flat | None:
        """Read the checkpoint to a device; None if there is none, or if other code or settings wrote it."""
        if not self.path.exists():
            return None
        found = arrays.metadata(self.path)
        if found.get("fingerprint") != self.fingerprint:
            LOG.warning("discarded %s: other code or settings wrote it", self.path)
            self.path.unlink()
            return None
        values: dict[str, Any] = found["values"]  # type: ignore[assignment]
        return Flat(arrays.load(self.path, device), values)

    def discard(self) -> None:
        """Forget the checkpoint: the work is done."""
        self.path.unlink(missing_ok=True)


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold the lock file `path` while the block runs; wait for whoever holds it.

    After Snakemake itself was killed, an orphan of it may still be writing the same files.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    file = _lock(path)
    try:
        with contextlib.suppress(
            OSError
        ):  # a full disk: only the message of a process that waits would miss it
            os.ftruncate(file.fileno(), 0)
            os.write(file.fileno(), str(os.getpid()).encode())
        yield
    finally:
        path.unlink(missing_ok=True)  # while still held: see the loop in `_lock`
        file.close()


def _lock(path: Path) -> IO[str]:
    """Open and lock `path`; try again if its last holder deleted it in between."""
    while True:
        file = path.open("a+", encoding="utf-8")
        if not take(file, patience=0):
            file.seek(0)
            LOG.warning("waiting for process %s, which is still at work on the same files", file.read())
            take(file)
        if path.exists() and path.stat().st_ino == os.fstat(file.fileno()).st_ino:
            return file
        file.close()
