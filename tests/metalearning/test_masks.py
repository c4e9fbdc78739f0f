"""Masks of terms."""

import pytest

from threefactor.metalearning import masks


@pytest.mark.parametrize(
    ("mask", "terms"),
    [
        ("linear_rate", ["11", "13", "15"]),
        ("cubic_deviation", ["13", "33", "53"]),
        ("diagonal", ["11", "33", "55"]),
        ("no_rate", ["00", "01", "02", "03", "04", "05"]),
        ("no_deviation", ["00", "10", "20", "30", "40", "50"]),
        (("51", "13"), ["13", "51"]),
    ],
)
def test_a_mask_has_the_terms_of_its_name(mask, terms):
    assert [f"{k}{l}" for k, l in masks.chosen(mask, 5)] == terms


@pytest.mark.parametrize(("terms", "expected"), [("odd", True), ("diagonal", False), (("11", "13"), True)])
def test_a_grid_has_every_pair_of_its_powers(terms, expected):
    assert masks.is_grid(masks.chosen(terms, 5)) == expected
