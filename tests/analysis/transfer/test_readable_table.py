"""The readable table of rules."""

from analysis.transfer.trained import RATIOS, SCALES, networks, samples
from threefactor.analysis.transfer.condition_tables import rules_table
from threefactor.analysis.transfer.readable_table import readable


def test_the_readable_table_has_a_dash_for_what_is_unknown():
    _, counts = samples()
    table = readable(rules_table(networks(), counts, "", ""))
    assert set(table["ratio to untuned theta_33"]) == {"–"}
    assert table["gap closed"].str.contains("%").all()
    assert len(table) == len(SCALES) * len(RATIOS)


def test_a_value_without_an_interval_stands_alone():
    _, counts = samples()
    table = networks().assign(reached=False, trials_to_criterion=90.0)
    found = readable(rules_table(table, counts, "", ""))
    assert set(found["restricted mean trials"]) == {"90"}
    assert set(found["ratio to theta_33"]) == {"–"}
