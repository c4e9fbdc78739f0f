"""The gap closed is unknown without a gap."""

import numpy as np

from analysis.transfer.trained import NETWORKS, networks, samples
from threefactor.analysis.transfer.ceiling import gap_closed
from threefactor.analysis.transfer.condition_tables import rules_table


def test_nothing_is_closed_where_the_ceiling_is_no_ceiling():
    _, counts = samples()
    values = np.arange(10.0, 10 + NETWORKS)
    assert np.isnan(gap_closed(values, values, values + 1, counts)).all()
    rules = rules_table(networks({"theta_33": 1.0, "mine": 0.5}), counts, "", "")
    assert rules.gap_closed.isna().all()
