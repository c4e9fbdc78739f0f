"""Borrowed arrays are the same arrays, and taking them leaves no reference behind."""

import sys
from typing import NamedTuple

import numpy as np
import pytest

jit = pytest.importorskip("threefactor.kernels.cpu.jit")
from threefactor.kernels.cpu.borrow import borrow  # noqa: E402


class Pair(NamedTuple):
    """Arrays beside a number."""

    rows: np.ndarray
    factor: float
    inner: tuple[np.ndarray, ...]


@jit.fast
def add_rows(pair, result):
    """Add up scaled rows."""
    pair, result = borrow(pair), borrow(result)
    for n in range(len(pair.rows)):
        row = pair.rows[n]
        for i in range(len(row)):
            result[i] += pair.factor * row[i] + pair.inner[0][i]


def test_borrowed_arrays_are_the_same_and_stay_whole():
    rng = np.random.default_rng(0)
    rows, more, result = rng.normal(size=(5, 7)), rng.normal(size=7), np.zeros(7)
    expected = 3 * rows.sum(0) + 5 * more
    before = [sys.getrefcount(x) for x in (rows, more, result)]
    for _ in range(3):
        result[:] = 0
        add_rows(Pair(rows, 3.0, (more,)), result)
        np.testing.assert_allclose(result, expected)
    assert [sys.getrefcount(x) for x in (rows, more, result)] == before
