"""Compiled code of this package that a crash or a full disk cut short is discarded and compiled again.

Python itself ends in an EOFError there.
"""

import contextlib
import sys
from importlib.machinery import SOURCE_SUFFIXES, FileFinder, SourceFileLoader
from importlib.util import cache_from_source
from pathlib import Path
from types import CodeType

PACKAGE = Path(__file__).parent


class Loader(SourceFileLoader):
    """Imports a module from its compiled code, or from its source where that is damaged."""

    def get_code(self, fullname: str) -> CodeType | None:
        """Return the code of a module."""
        try:
            return super().get_code(fullname)
        except (EOFError, ValueError, TypeError):  # of what was compiled, from which Python may raise these
            with contextlib.suppress(OSError):
                Path(cache_from_source(self.path)).unlink(missing_ok=True)
            return self.source_to_code(self.get_data(self.path), self.path)


def finder(folder: str) -> FileFinder:
    """Return what finds modules in a folder of this package.

    Raises
    ------
    ImportError
        If it is another folder, which Python's own finders look into.
    """
    if not Path(folder).is_relative_to(PACKAGE):
        raise ImportError(f"{folder}: must be a folder of {PACKAGE}")
    return FileFinder(folder, (Loader, SOURCE_SUFFIXES))


def install() -> None:
    """Let all modules of this package be imported so."""
    if finder not in sys.path_hooks:
        sys.path_hooks.insert(0, finder)
        for folder in [one for one in sys.path_importer_cache if Path(one).is_relative_to(PACKAGE)]:
            del sys.path_importer_cache[folder]
