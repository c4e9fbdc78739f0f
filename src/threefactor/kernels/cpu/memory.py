"""What Linux and the C library do with memory that a trial frees: the next trial needs as much again."""

import ctypes
import math
import sys

import torch
from torch import Tensor

LARGE = 8 * 2**20  # bytes
TRIM, MAP = -1, -3  # glibc's numbers of the two options

PAGE = 2 * 2**20  # bytes, of a huge page
HUGE = 14  # Linux's number of the advice


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


def empty(*shape: int, dtype: torch.dtype) -> Tensor:
    """Return a tensor with nothing in it; where it is large and Linux has huge pages, in these.

    A large block is mapped anew at each trial, page by page: in small pages this takes a good part of the tangents' time.
    """
    count, size = math.prod(shape), dtype.itemsize
    if count * size < LARGE or sys.platform != "linux":
        return torch.empty(shape, dtype=dtype)
    pages = -(-count * size // PAGE)
    block = torch.empty((pages + 1) * PAGE // size, dtype=dtype)
    skipped = -block.data_ptr() % PAGE
    ctypes.CDLL(None).madvise(
        ctypes.c_void_p(block.data_ptr() + skipped), ctypes.c_size_t(pages * PAGE), HUGE
    )
    return block[skipped // size :][:count].view(shape)
