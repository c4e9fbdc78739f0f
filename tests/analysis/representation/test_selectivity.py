"""Selectivity for the factors of a task."""

import pytest
import torch

from random_numbers import noise
from threefactor.analysis.representation.selectivity import selectivity

FACTORS = {"first": (1, 1, 0, 0), "second": (1, 0, 1, 0), "choice": (0, 1, 1, 0)}


def test_selectivities_of_a_two_by_two_design_sum_to_one():
    found = selectivity(noise(2, 4, 6, 5), FACTORS)
    torch.testing.assert_close(sum(found.values()), torch.ones(2, dtype=torch.float64))


def test_selectivity_finds_the_variable_and_ignores_what_all_types_share():
    choice = torch.tensor(FACTORS["choice"])[:, None, None]
    rates = choice * noise(1, 1, 6, 5) + 7 * noise(1, 1, 6, 5, seed=1)
    found = selectivity(rates, FACTORS)
    assert {name: float(value) for name, value in found.items()} == pytest.approx(
        {"first": 0, "second": 0, "choice": 1}
    )


@pytest.mark.parametrize("classes", [(0, 1, 2, 2, 1), (0, 0, 0, 1, 0)])
def test_selectivity_is_the_variance_between_classes_of_any_number_and_frequency(classes):
    rates, label = noise(2, 5, 6, 3), torch.tensor(classes)
    between = torch.zeros_like(rates)
    for value in set(classes):
        between[:, label == value] = rates[:, label == value].mean(1, keepdim=True)
    wanted = between.var(1, correction=0).sum((1, 2)) / rates.var(1, correction=0).sum((1, 2))
    torch.testing.assert_close(selectivity(rates, {"factor": classes})["factor"], wanted)
