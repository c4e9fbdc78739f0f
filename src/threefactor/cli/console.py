"""Where commands print: as wide as a terminal; elsewhere without a limit, so that no line is wrapped or cut."""

import os
import sys

from rich.console import Console

UNLIMITED = 10_000
"""Characters, more than any line has."""


def console() -> Console:
    """Return what prints tables and lines."""
    is_terminal = sys.stdout is not None and sys.stdout.isatty()  # None where the caller closed it
    is_limited = is_terminal or "COLUMNS" in os.environ
    return Console() if is_limited else Console(width=UNLIMITED)
