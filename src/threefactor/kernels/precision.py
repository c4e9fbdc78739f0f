"""The precision of float32 matrix products on a GPU: exact unless asked otherwise, and always exact inside a scan."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def matmul(tf32: bool = False) -> Iterator[None]:
    """Let the float32 matrix products inside this block run in TF32, or forbid it.

    TF32 keeps float32's range and 10 bits of its mantissa: products over time come out within 1e-3, several times
    sooner. An error made inside a scan grows with its steps, so the scans on a GPU forbid it themselves. On a CPU
    nothing changes.

    Parameters
    ----------
    tf32
        Off: full precision, also where the caller's process allows TF32.
    """
    # ASSUME: products of 1e-3 are good enough where the caller says so.
    before = torch.backends.cuda.matmul.fp32_precision
    torch.backends.cuda.matmul.fp32_precision = "tf32" if tf32 else "ieee"
    try:
        yield
    finally:
        torch.backends.cuda.matmul.fp32_precision = before
