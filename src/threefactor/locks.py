"""Locks of files, by which processes keep out of each other's way.

Some file systems have none: Lustre mounted without them, NFS without its daemon.  There everyone goes on, with one
warning.
"""

import functools
import logging
import math
import os
import time
from typing import IO, Any

from filelock import lock_descriptor

LOG = logging.getLogger(__name__)

PAUSE = 0.05
"""Seconds between two looks at a lock that is waited for."""


def take(file: IO[Any], patience: float = math.inf) -> bool:
    """Lock an open file for this process until it is closed; without locks of files, tell so once and go on.

    Parameters
    ----------
    file
        Open for writing, which NFS asks for.
    patience
        How long to wait for a process that holds it, in seconds.

    Returns
    -------
    bool
        False if another process held it for all that time.
    """
    end = time.monotonic() + patience
    try:
        while not lock_descriptor(file.fileno(), blocking=False):
            if time.monotonic() >= end:
                return False
            time.sleep(PAUSE)
    except OSError as problem:
        _warn(str(problem.strerror or problem))
    return True


def is_alive(pid: int) -> bool:
    """Tell whether a process of this machine still runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


@functools.cache
def _warn(words: str) -> None:
    """Say once a process that nothing keeps a second one away."""
    LOG.warning("files here have no locks (%s): run one pipeline at a time on the same results", words)
