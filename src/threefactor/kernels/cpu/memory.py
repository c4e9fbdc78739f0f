"""What the C library does with memory that a trial frees: the next trial needs as much again."""

import ctypes
import sys

LARGE = 8 * 2**20  # bytes
TRIM, MAP = -1, -3  # glibc's numbers of the two options


def keep() -> None:
    """Let glibc keep freed memory, but for blocks that are large: these go back, so that small ones cannot split them.

    By default it gives memory back after every trial, and mapping its pages anew costs as much as the trial. Where the
    C library is another one nothing changes.
    """
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            mallopt(MAP, LARGE)
            mallopt(TRIM, 16 * LARGE)
