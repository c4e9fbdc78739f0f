"""A disk that is full."""

import contextlib
import resource


@contextlib.contextmanager
def full_disk():
    """Let no file grow beyond 64 KiB: the system then refuses to write, as it does on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (65536, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
