"""How numba compiles the kernels, and where it keeps what it compiled: once per machine, for all checkouts and jobs.

The folder is named after all sources of the kernels, since numba looks at a function's own file alone, not at what that
calls. In it numba tells processors, Python versions and its own versions apart, so that different nodes can share a home.
"""

import contextlib
import hashlib
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any, ClassVar

import numba
from numba.core.caching import CompileResultCacheImpl, FunctionCache, _CacheLocator

from threefactor.homes import own
from threefactor.locks import take

LOG = logging.getLogger(__name__)

PATIENCE = 120.0
"""Seconds that a process waits for another one that compiles the same function."""

UNUSED = 60.0
"""Days after which the compiled code of other sources is deleted."""

_DAY = 86400


def folder(sources: Path, homes: Iterable[Path]) -> Path:
    """Return the folder for compiled code of the sources, in the first home that can be written to; forget old ones.

    Parameters
    ----------
    sources
        Folder of the kernels.
    homes
        Folders of such folders, the best first.
    """
    parts = [numba.__version__.encode()]
    for path in sorted(sources.rglob("*.py")):
        parts += [str(path.relative_to(sources)).encode(), path.read_bytes()]
    name = _hash(b"\0".join(parts))
    for home in homes:
        with contextlib.suppress(OSError):
            found = home / name
            found.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=found).close()
            os.utime(found)
            _forget(home)
            return found
    return Path(tempfile.mkdtemp(prefix="threefactor-"))  # for this process alone


def _hash(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()[:16]


def _forget(home: Path) -> None:
    """Delete what no process has used for long."""
    for other in home.iterdir():
        with contextlib.suppress(OSError):
            if time.time() - other.stat().st_mtime > UNUSED * _DAY:
                shutil.rmtree(other)


def _homes(sources: Path) -> Iterator[Path]:
    """Yield where compiled code may lie: where one is told to, in the user's cache, beside the sources, for a while."""
    if asked := os.environ.get("NUMBA_CACHE_DIR"):
        yield Path(asked) / "threefactor"
    with contextlib.suppress(RuntimeError):  # a user without a home
        yield Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "threefactor/kernels"
    yield sources / "__pycache__/kernels"
    yield own() / "kernels"


FOLDER = folder(Path(__file__).parents[1], _homes(Path(__file__).parents[1]))


class _Place(_CacheLocator):
    """Where numba finds the compiled code of a function, wherever its source lies; its file may be no kernel's."""

    def __init__(self, line: int, file: str) -> None:
        self._line, self._file = line, file

    @classmethod
    def from_function(cls, py_func: Callable[..., Any], py_file: str) -> "_Place":
        return cls(py_func.__code__.co_firstlineno, py_file)

    def get_cache_path(self) -> str:
        return str(FOLDER)

    def get_source_stamp(self) -> str:
        return _hash(Path(self._file).read_bytes())

    def get_disambiguator(self) -> str:
        return str(self._line)


class _Implementation(CompileResultCacheImpl):
    _locator_classes: ClassVar[list[type[object]]] = [_Place]  # type: ignore[misc]


class Kept(FunctionCache):
    """Compiled code of one function on the disk: nobody compiles what another process is compiling."""

    _impl_class = _Implementation
    _lock: IO[str] | None = None

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return compiled code, made by this process or by another one; None if it is to be compiled here."""
        self._release()  # which a compilation that failed did not
        found = self._load(sig, target_context)
        if found is None:
            self._lock = lock(FOLDER / f"{self._impl.filename_base}.lock")
            found = self._load(sig, target_context)
            if found is None:
                LOG.info(
                    "compiles %s for this processor and new sizes, to keep it",
                    self._impl.filename_base.split("-")[0],
                )
            else:
                self._release()
        return found

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep compiled code; where the disk takes none it serves this process alone."""
        with contextlib.suppress(Exception):
            super().save_overload(sig, data)
        self._release()

    def _load(self, sig: Any, target_context: Any) -> Any:
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # a damaged file, from which unpickling may raise anything
            with contextlib.suppress(OSError):
                self.flush()
            return None

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.close()
        self._lock = None


def lock(path: Path, patience: float = PATIENCE) -> IO[str] | None:
    """Lock a file for this process; None where it cannot be written, or another one holds it for too long."""
    try:
        file = path.open("w", encoding="utf-8")
    except OSError:
        return None
    if take(file, patience):
        return file
    file.close()
    return None


def fast(function: Callable[..., Any]) -> Any:
    """Compile a function for the types that it is called with, and keep what was compiled."""
    compiled: Any = numba.njit(
        fastmath={"contract", "reassoc", "nsz"},  # reordered, fused sums; NaN and inf keep their meaning
        error_model="numpy",  # a quotient by zero is no error: its check would keep loops from being vectors
        nogil=True,
    )(function)
    if compiled is not function:  # which it is where compiling is off
        compiled._cache = Kept(function)
    return compiled
