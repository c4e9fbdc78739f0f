"""Rules are compared among the networks of each gain, as if there were no others."""

import numpy as np
import pandas as pd
import pytest

from threefactor import seeding
from threefactor.analysis.learning.levels import levels_by_gain, levels_table
from threefactor.analysis.solutions.bootstrap import resample_counts
from threefactor.analysis.solutions.comparison_columns import LEVELS_BY_GAIN

HORIZON, LEVELS = 100, [0.7, 0.5]
GAINS = {1.5: [0, 1, 4, 5], 0.9: [2, 3, 6, 7]}
"""Networks of each gain; batches have them in turn."""


def made():
    """Return ``levels.csv`` and ``networks.csv`` of two rules; networks of the larger gain are slower."""
    gain = {network: gain for gain, ids in GAINS.items() for network in ids}
    keys = [{"learning_rule": rule, "network": n} for rule in ("theta_33", "rflo") for n in range(8)]
    levels = pd.DataFrame([{**key, "level": level} for key in keys for level in LEVELS])
    slow = np.where(levels.network.map(gain) == 1.5, 3, 1) * np.where(levels.learning_rule == "rflo", 1, 2)
    trials = slow * (1 + levels.network) + np.where(levels.level == 0.5, 50, 0)
    crossed = trials <= 80
    levels = levels.assign(crossed=crossed, trials=trials.where(crossed, HORIZON))
    levels = levels.assign(error=np.where(crossed, levels.level - 0.01, np.nan))
    networks = pd.DataFrame(keys).assign(noise_free_error=0.6)
    return levels, networks.assign(gain=networks.network.map(gain))


def counts():
    return resample_counts(8, 100, generator=seeding.generator(3, "counts"))


def test_each_gain_is_a_comparison_of_its_own_networks():
    levels, networks = made()
    table = levels_by_gain(levels, networks, HORIZON, counts())
    assert list(table) == LEVELS_BY_GAIN.names()
    assert list(dict.fromkeys(table.gain)) == [0.9, 1.5], "from the smallest on"
    for gain, ids in GAINS.items():
        own = (part[part.network.isin(ids)] for part in (levels, networks))
        expected = levels_table(*own, HORIZON, counts())
        found = table[table.gain == gain].drop(columns="gain").reset_index(drop=True)
        pd.testing.assert_frame_equal(found, expected)


def test_a_cell_by_hand():
    table = levels_by_gain(*made(), HORIZON, counts()).set_index(["gain", "learning_rule", "level"])
    slow, fast = table.loc[(1.5, "theta_33", 0.5)], table.loc[(0.9, "rflo", 0.5)]
    # 6 (1 + n) + 50 of networks 0, 1, 4, 5: 56, 62, 80 and 86, which is not in time
    assert (slow.networks, slow.reached, slow.restricted_mean) == (4, 3, (56 + 62 + 80 + HORIZON) / 4)
    assert (fast.networks, fast.reached, fast.restricted_mean) == (4, 4, (53 + 54 + 57 + 58) / 4)
    at_once = table.loc[(0.9, "rflo", 0.7)]
    assert at_once.ratio_to_theta_33 == pytest.approx(0.5)


def test_with_one_gain_the_comparison_is_that_of_all():
    levels, networks = made()
    table = levels_by_gain(levels, networks.assign(gain=1.1), HORIZON, counts())
    expected = levels_table(levels, networks, HORIZON, counts())
    pd.testing.assert_frame_equal(table.drop(columns="gain"), expected)
    assert set(table.gain) == {1.1}
