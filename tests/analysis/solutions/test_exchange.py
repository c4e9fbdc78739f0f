"""The exact test of two kinds of rules."""

from itertools import permutations

import numpy as np
import pytest

from threefactor.analysis.solutions.exchange import exchange_p


def slow(values, kind, strata):
    """Count over all permutations of labels within strata."""

    def difference(kind):
        return abs(
            sum(
                values[(strata == s) & kind].mean() - values[(strata == s) & ~kind].mean()
                for s in np.unique(strata)
            )
        )

    null = []
    for order in permutations(range(len(values))):
        if (strata[list(order)] == strata).all():
            null.append(difference(kind[list(order)]))
    return np.mean(np.array(null) >= difference(kind) - 1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_p_counts_all_arrangements(seed):
    values = np.random.default_rng(seed).normal(size=7)
    kind, strata = np.array([1, 0, 1, 0, 0, 1, 0], bool), np.array([0, 0, 0, 0, 1, 1, 1], bool)
    p, smallest = exchange_p(values, kind, strata)
    assert p == pytest.approx(slow(values, kind, strata))
    assert smallest == pytest.approx(1 / 18)


def test_rules_that_lie_apart_have_the_smallest_p():
    kind, strata = np.array([1, 1, 0, 0] * 2, bool), np.repeat([False, True], 4)
    values = np.where(kind, 5.0, 0.0) + np.arange(8) / 10
    p, smallest = exchange_p(values, kind, strata)
    assert p == smallest == pytest.approx(2 / 36)


def test_too_many_arrangements_give_nan():
    kind = np.arange(40) % 2 == 0
    assert np.isnan(exchange_p(np.arange(40.0), kind, np.arange(40) < 20)).all()
