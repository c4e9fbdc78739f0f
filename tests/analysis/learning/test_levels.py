"""How soon rules bring networks to levels, and whether they stay, on tables of which every number is known."""

import numpy as np
import pandas as pd
import pytest

from threefactor.analysis.learning.levels import level_survival_table, levels_by_gain, levels_table
from threefactor.analysis.solutions.comparison_columns import LEVEL_SURVIVAL, LEVELS, LEVELS_BY_GAIN
from threefactor.analysis.solutions.trials_to_criterion import wilson_interval

NEVER, HORIZON = None, 100
FOLLOWED = {"theta_33": 100, "short": 20, "long": 200}
CROSSED = {
    0.7: {"theta_33": [10, 20, 40, NEVER], "short": [5, 10, NEVER, NEVER], "long": [30, 60, 90, 150]},
    0.3: {"theta_33": [50, NEVER, NEVER, NEVER], "short": [NEVER] * 4, "long": [NEVER] * 4},
    0.1: {rule: [NEVER] * 4 for rule in FOLLOWED},
}
"""Trials until each network was at a level, by level and rule."""

AT_CROSSING = {0.7: [0.6, 0.65, 0.7, 0.5], 0.3: [0.28] * 4, 0.1: [0.1] * 4}
AT_END = {"theta_33": [0.2, 0.8, 0.65, 0.9], "short": [0.6, 0.6, 1.0, 1.0], "long": [0.7, 0.71, 0.72, 0.9]}
ONCE = np.ones((1, 4))
"""A single bootstrap sample, in which each network stands once: both ends of an interval are the estimate."""


def levels():
    """Return levels.csv of all rules."""
    rows = [
        {
            "learning_rule": rule, "network": n, "level": level, "crossed": trials is not NEVER,
            "trials": FOLLOWED[rule] if trials is NEVER else trials,
            "error": np.nan if trials is NEVER else AT_CROSSING[level][n],
        }
        for level, rules in CROSSED.items()
        for rule, several in rules.items()
        for n, trials in enumerate(several)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def retrained():
    """Return networks.csv of all rules, two networks of each gain."""
    rows = [
        {"learning_rule": rule, "network": n, "noise_free_error": error, "gain": 1.5 if n < 2 else 0.5}
        for rule, errors in AT_END.items()
        for n, error in enumerate(errors)
    ]
    return pd.DataFrame(rows)


def test_every_network_counts_in_how_soon_a_rule_is_at_a_level():
    table = levels_table(levels(), retrained(), HORIZON, ONCE)
    assert list(table) == LEVELS.names()
    assert table.level.tolist() == [0.7] * 3 + [0.3] * 3 + [0.1] * 3
    assert (table.networks == 4).all()
    assert (table.horizon == HORIZON).all()
    found = table.set_index(["level", "learning_rule"])
    means = {
        (0.7, "theta_33"): (10 + 20 + 40 + 100) / 4,
        (0.7, "short"): (5 + 10 + 100 + 100)
        / 4,  # followed to 20: who was not there by then counts at the horizon
        (0.7, "long"): (30 + 60 + 90 + 100) / 4,  # one crosses after the horizon
        (0.3, "theta_33"): (50 + 100 + 100 + 100) / 4,
        (0.3, "short"): 100,
        (0.1, "theta_33"): 100,
    }
    for place, mean in means.items():
        assert found.loc[place, "restricted_mean"] == pytest.approx(mean), place
        ends = found.loc[place, ["restricted_mean_low", "restricted_mean_high"]].tolist()
        # a mean of networks that all count at the horizon has no interval
        assert ends == pytest.approx([mean] * 2 if found.loc[place, "reached"] else [np.nan] * 2, nan_ok=True)
        ratio = np.nan if place[0] == 0.1 else mean / means[place[0], "theta_33"]  # nobody is at 0.1
        for column in ("ratio_to_theta_33", "ratio_low", "ratio_high"):
            assert found.loc[place, column] == pytest.approx(ratio, nan_ok=True), (place, column)
    assert found.reached[0.7].to_dict() == {"theta_33": 3, "short": 2, "long": 3}
    assert found.reached_fraction[0.7].to_dict() == {"theta_33": 0.75, "short": 0.5, "long": 0.75}
    assert found.reached[0.3].to_dict() == {"theta_33": 1, "short": 0, "long": 0}
    assert found.loc[(0.7, "short"), ["reached_low", "reached_high"]].tolist() == pytest.approx(
        wilson_interval(2, 4)
    )
    assert found.loc[(0.7, "theta_33"), ["median", "iqr_low", "iqr_high"]].tolist() == [20, 10, 40]


def test_what_was_found_at_a_level_is_of_those_that_crossed_it():
    found = levels_table(levels(), retrained(), HORIZON, ONCE).set_index(["level", "learning_rule"])
    assert found.crossed[0.7].to_dict() == {"theta_33": 3, "short": 2, "long": 4}, "whenever they did"
    assert found.lost[0.7].to_dict() == {"theta_33": 1, "short": 0, "long": 3}, (
        "an error of the level is not lost"
    )
    assert found.lost_fraction[0.7].to_dict() == pytest.approx({"theta_33": 1 / 3, "short": 0, "long": 0.75})
    assert found.loc[(0.7, "long"), ["lost_low", "lost_high"]].tolist() == pytest.approx(
        wilson_interval(3, 4)
    )
    assert found.loc[(0.7, "theta_33"), ["error_low", "error", "error_high"]].tolist() == pytest.approx(
        [0.625, 0.65, 0.675]
    )
    assert found.lost[0.3, "theta_33"] == 0


def test_a_level_that_nobody_reaches_has_counts_and_no_estimates():
    found = levels_table(levels(), retrained(), HORIZON, ONCE).set_index(["level", "learning_rule"])
    for place in [(0.1, rule) for rule in FOLLOWED] + [(0.3, "short")]:
        row = found.loc[place]
        assert (row.reached, row.crossed, row.lost, row.reached_fraction, row.restricted_mean) == (
            0,
            0,
            0,
            0,
            100,
        )
        assert (
            row[["error", "error_low", "error_high", "lost_fraction", "lost_low", "lost_high", "median"]]
            .isna()
            .all()
        )
    assert found.loc[0.1, ["ratio_to_theta_33", "ratio_low", "ratio_high"]].isna().all(axis=None)


def test_rules_are_paired_by_network_in_every_sample():
    """Samples of the networks 0, 0, 0, 1 and of 2, 3, 3, 3: both ends of each interval are one of them."""
    counts = np.array([[3.0, 1, 0, 0], [0, 0, 1, 3]])
    found = levels_table(levels(), retrained(), HORIZON, counts).set_index(["level", "learning_rule"])
    means = {"theta_33": (12.5, 85), "short": (6.25, 100)}
    for rule, ends in means.items():
        low, high = found.loc[(0.7, rule), ["restricted_mean_low", "restricted_mean_high"]]
        assert (low, high) == pytest.approx(np.quantile(ends, [0.025, 0.975]))
    ratios = [mine / other for mine, other in zip(means["short"], means["theta_33"], strict=True)]
    assert found.loc[(0.7, "short"), ["ratio_low", "ratio_high"]].tolist() == pytest.approx(
        np.quantile(ratios, [0.025, 0.975])
    )


def test_without_the_reference_ratios_are_missing():
    rest = levels().query("learning_rule != 'theta_33'")
    table = levels_table(rest, retrained().query("learning_rule != 'theta_33'"), HORIZON, ONCE)
    assert table.ratio_to_theta_33.isna().all()
    assert table.restricted_mean.notna().all()


def test_curves_end_where_networks_were_followed_to():
    table = level_survival_table(levels())
    assert list(table) == LEVEL_SURVIVAL.names()
    short = table[(table.level == 0.7) & (table.learning_rule == "short")]
    assert short.trial.tolist() == [0, 5, 10, 20]
    assert short.waiting.tolist() == pytest.approx([1, 0.75, 0.5, 0.5])
    assert short.at_risk.tolist() == [4, 4, 3, 2]
    late = table[(table.level == 0.7) & (table.learning_rule == "long")]
    assert late.trial.max() == 150, "after the horizon to which rules are compared"
    assert late.waiting.min() == 0
    nobody = table[(table.level == 0.1) & (table.learning_rule == "theta_33")]
    assert (nobody.waiting == 1).all()
    assert nobody.trial.max() == 100


def test_rules_are_compared_among_the_networks_of_each_gain():
    table = levels_by_gain(levels(), retrained(), HORIZON, ONCE)
    assert list(table) == LEVELS_BY_GAIN.names()
    found = table.set_index(["gain", "level", "learning_rule"])
    assert found.restricted_mean[1.5, 0.7, "short"] == (5 + 10) / 2
    assert found.restricted_mean[0.5, 0.7, "theta_33"] == (40 + 100) / 2
    assert found.ratio_to_theta_33[1.5, 0.7, "short"] == pytest.approx(7.5 / 15)
    assert (table.networks == 2).all()
    for gain, own in retrained().groupby("gain"):
        of_gain = levels()[levels().network.isin(own.network)]
        alone = levels_table(of_gain, own, HORIZON, ONCE)
        part = table[table.gain == gain].reset_index(drop=True)[LEVELS.names()]
        pd.testing.assert_frame_equal(part, alone, check_dtype=False)
