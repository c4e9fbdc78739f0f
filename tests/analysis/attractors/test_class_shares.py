"""Shares of classes of attractors over the networks of a rule."""

import pandas as pd
import pytest

from threefactor.analysis.attractors.attractor_table import SHARES, class_shares


def test_shares_are_means_over_networks_and_count_those_that_have_the_class():
    rows = [
        ("bptt", 0, "none", "fixed point", 0.25),
        ("bptt", 0, "none", "fixed point", 0.5),
        ("bptt", 0, "none", "limit cycle", 0.25),
        ("bptt", 1, "none", "fixed point", 1.0),
        ("rflo", 0, "none", "chaos", 1.0),
    ]
    table = pd.DataFrame(rows, columns=["learning_rule", "network", "condition", "class", "share"])
    found = class_shares(pd.concat([table.assign(level=0.2), table.assign(level=0.5)]))
    assert list(found.columns) == SHARES.names()
    assert found.level.tolist() == [0.5] * 3 + [0.2] * 3
    own = found[found.level == 0.5].set_index(["learning_rule", "class"])
    rest = own.loc[("bptt", "fixed point")]
    assert (rest.share, rest.networks, rest.having) == (pytest.approx(1.75 / 2), 2, 2)
    cycle = own.loc[("bptt", "limit cycle")]
    assert (cycle.share, cycle.networks, cycle.having) == (0.125, 2, 1)
    assert own.loc[("rflo", "chaos")].share == 1.0
