"""Summaries of steps along expected updates."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.gradients import made_up as made
from threefactor.analysis.gradients import descent


def test_rewards_that_are_not_finite_are_counted_apart():
    table = made.descent().query("learning_rule == 'bptt' and direction == 'bptt'").copy()
    table.loc[table.network == 0, "change"] = np.nan
    row = descent.reach(table).iloc[0]
    assert (row.snapshots, row.failed) == (12, 3)
    assert row.helped == 1


def test_reach_is_where_half_of_the_prediction_is_left():
    place = {"learning_rule": "r", "network": 0, "snapshot": 0, "direction": "r"}
    rows = [
        {**place, "step": s, "predicted": s, "change": s * x}
        for s, x in ((1e-3, 1), (1e-2, 0.75), (1e-1, 0.25))
    ]
    found = descent.reach(pd.DataFrame(rows)).iloc[0]
    assert found.reach == pytest.approx(10**-1.5)
    assert found.helped == 1
    never = descent.reach(pd.DataFrame(rows[:2])).iloc[0]
    assert never.reach == 1e-2, "the longest, where it holds throughout"
    down = pd.DataFrame(rows).assign(predicted=lambda t: -t.predicted, change=lambda t: -t.change)
    assert np.isnan(descent.reach(down).iloc[0].reach)
    assert descent.reach(down).iloc[0].helped == 0


def test_by_length_averages_snapshots_within_networks_first():
    table = made.descent().query("learning_rule == 'bptt' and direction == 'bptt'")
    found = descent.by_length(table).set_index("step")
    means = table[table.step == 1e-2].groupby("network").change.mean()
    assert found.networks[1e-2] == 4
    assert found.change[1e-2] == pytest.approx(means.mean())
    half = stats.t.ppf(0.975, 3) * means.std() / 2
    assert found.high[1e-2] - found.change[1e-2] == pytest.approx(half)
