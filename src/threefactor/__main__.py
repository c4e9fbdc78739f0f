"""Run a stage or a tool: ``python -m threefactor --help``."""

import gc
import os
import sys

from threefactor.cli.main import catch_termination, main

KEPT = 100_000
"""Objects made before Python looks for garbage: a job imports many, which stay."""


def leave(status: int) -> None:
    """End the process at once: freeing all that was imported, object by object, can take as long as a small job."""
    try:
        for stream in filter(None, (sys.stdout, sys.stderr)):  # none where the caller closed it
            stream.flush()
    except OSError:
        sys.exit(status)  # Python says what is wrong
    os._exit(status)


gc.set_threshold(KEPT)
catch_termination()
leave(main())
