import pandas as pd
import pytest

from threefactor.analysis.landscape.relative_spectrum import relative_spectrum


def test_spectra_are_relative_to_each_network_before_they_are_averaged():
    table = pd.DataFrame(
        {
            "learning_rule": "r",
            "network": [0, 0, 1, 1],
            "index": [1, 2, 1, 2],
            "singular_value": [10.0, 1.0, 2.0, 1.0],
        }
    )
    found = relative_spectrum(table).set_index("index")
    assert found.middle.tolist() == pytest.approx([1.0, 0.3])  # mean of 1/10 and 1/2


def test_a_network_that_did_not_change_has_no_spectrum():
    table = pd.DataFrame(
        {
            "learning_rule": "r",
            "network": [0, 0, 1, 1],
            "index": [1, 2, 1, 2],
            "singular_value": [0.0, 0, 2, 1],
        }
    )
    found = relative_spectrum(table).set_index("index")
    assert found.middle.tolist() == [1.0, 0.5]


def test_a_spectrum_of_no_networks_has_no_rows():
    columns = ("learning_rule", "network", "index", "singular_value")
    assert relative_spectrum(pd.DataFrame({name: [] for name in columns}, dtype=object)).empty
