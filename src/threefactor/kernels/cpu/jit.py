"""How numba compiles the kernels, and where it keeps what it compiled.

Numba compiles a function again when its own file changes, not when a function that it calls does. So the kernels'
compiled code is kept under a name that is made of all their sources.
"""

import hashlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from numba import config, njit

fast: Any = njit(
    fastmath={
        "contract",
        "reassoc",
        "nsz",
    },  # sums may be reordered and fused; NaN and inf keep their meaning
    error_model="numpy",  # a quotient by zero is no error: its check would keep loops from being vectors
    cache=True,
    nogil=True,
)
"""Compile a function for the types that it is called with."""


def keep(sources: Path, home: Path) -> Path:
    """Return the folder for compiled code of the sources, and forget that of older ones if it lies among them.

    Parameters
    ----------
    sources
        Folder of the kernels.
    home
        Folder of the folders; one elsewhere may serve other installations too.
    """
    text = b"".join(path.read_bytes() for path in sorted(sources.rglob("*.py")))
    folder = home / hashlib.sha256(text).hexdigest()[:16]
    if home.is_relative_to(sources) and not folder.exists():
        for older in set(home.glob("*")) - {folder}:
            shutil.rmtree(older, ignore_errors=True)
    return folder


def _home(sources: Path) -> Path:
    """Return a folder that can be written to: the one asked for, beside the sources, the user's, or a passing one."""
    if asked := os.environ.get("NUMBA_CACHE_DIR"):
        return Path(asked) / "threefactor"
    beside = sources / "__pycache__"
    if os.access(beside if beside.exists() else sources, os.W_OK):
        return beside / "numba"
    caches = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser()
    if os.access(caches if caches.exists() else caches.parent, os.W_OK):
        return caches / "threefactor" / "numba"
    return Path(tempfile.mkdtemp(prefix="threefactor-"))


_sources = Path(__file__).parents[1]
config.CACHE_DIR = str(keep(_sources, _home(_sources)))  # type: ignore[attr-defined]
