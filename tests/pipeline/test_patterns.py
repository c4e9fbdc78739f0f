"""Wildcards of a pattern are found again in a path."""

import pytest

from threefactor.experiment.settings.errors import SettingsError
from threefactor.pipeline import patterns


def test_wildcards_are_read_out_of_a_path():
    pattern = "transfer/{condition}/{learning_rule}/{batch}.curve.csv"
    found = patterns.match(pattern, "/some/results/transfer/a/theta_33/0.curve.csv")
    assert found == {"condition": "a", "learning_rule": "theta_33", "batch": "0"}
    with pytest.raises(SettingsError, match="must end as transfer/"):
        patterns.match(pattern, "elsewhere/0.curve.csv")
