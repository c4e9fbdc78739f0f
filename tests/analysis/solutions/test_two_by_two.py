"""Locality and feedback."""

import numpy as np
import pytest

from threefactor import seeding
from threefactor.analysis.solutions.bootstrap import resample_counts
from threefactor.analysis.solutions.two_by_two import pooled_sd, rule_effects, two_by_two

LOCAL = np.array([0, 0, 0, 1, 1, 1, 0, 1], bool)
ERROR = np.array([0, 0, 1, 1, 0, 0, 1, 1], bool)
ONCE = np.ones((1, 6))


def made(seed, networks=6, rules=8, scatter=0.0):
    rng = np.random.default_rng(seed)
    return (
        rng.normal(size=(rules, networks))
        + 2 * rng.normal(size=networks)
        + scatter * rng.normal(size=rules)[:, None]
    )


def with_holes(seed=0):
    table = made(seed)
    table[[0, 0, 3, 5], [1, 2, 2, 5]] = np.nan
    return table


def slow_effects(table, counts):
    """Regress repeated values on rules and initialisations."""
    rows, values = [], []
    for j, times in enumerate(counts.astype(int)):
        for r in np.flatnonzero(np.isfinite(table[:, j])):
            row = np.concatenate([np.eye(len(table))[r], np.eye(table.shape[1])[j]])
            rows += [row] * times
            values += [table[r, j]] * times
    fit = np.linalg.lstsq(np.array(rows), np.array(values), rcond=None)[0][: len(table)]
    return fit - fit.mean()


def test_effects_of_rules_are_those_of_the_regression():
    table, counts = with_holes(), np.array([[1, 1, 1, 1, 1, 1], [2, 0, 1, 1, 0, 2]])
    found = rule_effects(table, counts.astype(float))
    for one, drawn in zip(found, counts, strict=True):
        np.testing.assert_allclose(one, slow_effects(table, drawn), atol=1e-10)


def test_without_holes_effects_are_means_and_a_missing_rule_is_nan():
    table = made(1)
    means = table.mean(1)
    np.testing.assert_allclose(rule_effects(table, ONCE)[0], means - means.mean(), atol=1e-12)
    alone = with_holes()
    alone[2, 1:] = np.nan
    drawn = np.array([[0.0, 2, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1]])
    assert np.isnan(rule_effects(alone, drawn)).all(1).tolist() == [True, False]


def test_a_rule_that_learns_from_easy_starts_alone_has_no_advantage():
    start = np.array([0.0, 10, 20, 30, 40, 50])
    table = np.tile(start, (8, 1))
    table[0, :3] = np.nan
    np.testing.assert_allclose(rule_effects(table, ONCE)[0], 0, atol=1e-10)


def test_effects_are_differences_of_the_means_of_cells():
    table = made(2)
    counts = resample_counts(6, 200, generator=seeding.generator(0))
    found = {one.effect: one for one in two_by_two(table, LOCAL, ERROR, counts)}
    cell = {
        (l, e): np.mean([table[r].mean() for r in range(8) if (LOCAL[r], ERROR[r]) == (l, e)])
        for l in (0, 1)
        for e in (0, 1)
    }
    locality = (cell[1, 0] + cell[1, 1] - cell[0, 0] - cell[0, 1]) / 2
    feedback = (cell[0, 1] + cell[1, 1] - cell[0, 0] - cell[1, 0]) / 2
    assert found["locality"].estimate == pytest.approx(locality)
    assert found["feedback"].estimate == pytest.approx(feedback)
    both = cell[1, 1] - cell[1, 0] - cell[0, 1] + cell[0, 0]
    assert found["interaction"].estimate == pytest.approx(both)
    sd = np.sqrt(np.mean([table[r].var(ddof=1) for r in range(8)]))
    assert found["locality"].standardised == pytest.approx(locality / sd)
    assert all(one.low < one.estimate < one.high for one in found.values())
    assert all(one.low_rules < one.estimate < one.high_rules for one in found.values())
    assert np.isnan(found["interaction"].p_exact)


def test_the_pooled_deviation_leaves_holes_and_single_networks_out():
    table = with_holes()
    table[4, 1:] = np.nan
    sums = [np.nansum((row - np.nanmean(row)) ** 2) for row in np.delete(table, 4, 0)]
    freedom = np.isfinite(np.delete(table, 4, 0)).sum() - 7
    assert pooled_sd(table) == pytest.approx(np.sqrt(np.sum(sums) / freedom))
    assert np.isnan(pooled_sd(table[:, :1]))


def test_intervals_over_rules_hold_the_truth_and_those_over_networks_that_of_these_rules():
    """Rules scatter about the means of their cells; the truth of other rules is zero."""
    counts, held = resample_counts(20, 100, generator=seeding.generator(0)), []
    for seed in range(300):
        for one in two_by_two(made(seed, networks=20, scatter=1.0), LOCAL, ERROR, counts):
            held.append([one.low_rules < 0 < one.high_rules, one.low < 0 < one.high])
    over_rules, over_networks = np.mean(held, 0)
    assert over_rules == pytest.approx(0.95, abs=4 * (0.05 * 0.95 / 900) ** 0.5)  # binomial
    assert over_networks < 0.6


def test_one_rule_a_cell_has_no_interval_over_rules_and_an_empty_cell_is_refused():
    counts = resample_counts(6, 20, generator=seeding.generator(0))
    four = [0, 2, 3, 4]
    found = two_by_two(made(3)[four], LOCAL[four], ERROR[four], counts)
    assert all(np.isnan([one.low_rules, one.high_rules, one.p_rules]).all() for one in found)
    assert found[0].smallest_p == 0.5
    three = [0, 3, 4]
    with pytest.raises(ValueError, match="cell 'error' = no rule"):
        two_by_two(made(3)[three], LOCAL[three], ERROR[three], counts)
