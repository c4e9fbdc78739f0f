"""The table of attractors, and numbers of each network."""

import pytest
import torch

import planted
from planted import PLAN
from random_numbers import noise
from threefactor.analysis.attractors import attractor_table
from threefactor.analysis.attractors.attractor_table import ATTRACTORS, Census
from threefactor.analysis.attractors.census import census
from threefactor.analysis.landscape.input_conditions import constant_inputs

CONDITIONS = list(constant_inputs(2))


@pytest.fixture(scope="module")
def table():
    """Return the table of a network of wells and of an oscillator beside two units at rest."""
    turning = torch.block_diag(planted.oscillators(0.9)[0], torch.zeros(2, 2).double())[None]
    weights = torch.cat([planted.wells(units=4), turning])
    network = planted.network(weights)
    found = census(network, 1.5 * noise(2, 8, 4, seed=5), PLAN, noise(2, 4, seed=6))
    return attractor_table.attractor_table(found, [7, 3], CONDITIONS, network.leak)


def test_the_table_has_a_row_for_each_attractor_and_the_declared_columns(table):
    assert table.columns.tolist() == [
        name for name in ATTRACTORS.names() if name not in ("learning_rule", "level")
    ]
    assert table[["network", "condition", "index"]].values.tolist() == [
        *([7, condition, index] for condition in CONDITIONS for index in (0, 1)),
        *([3, condition, 0] for condition in CONDITIONS),
    ]
    assert table.groupby(["network", "condition"]).share.sum().tolist() == pytest.approx([1] * 6)
    assert set(table["class"]) == {"fixed point", "limit cycle"}
    assert (table.reason == "").all()
    assert table.exponent_3.isna().all()


def test_rates_and_periods_are_in_time_constants(table):
    """Around the wells the largest exponent is log(1 + leak λ) / leak: near λ; a cycle turns at up to 0.9."""
    wells, cycle = table[table.network == 7], table[table.network == 3]
    assert wells.exponent_1.between(-1, -0.5).all()
    assert wells.period.isna().all()
    assert cycle.period.between(2 * torch.pi / 0.9, 4 * torch.pi / 0.9).all()
    assert (cycle.exponent_1.abs() < 0.01).all()
    assert (wells[["output_std", "amplitude"]] == 0).all(axis=None)
    assert (cycle[["output_std", "amplitude"]] > 0.1).all(axis=None)


def test_numbers_of_networks_follow_the_ids(table):
    found = Census(table, [3, 7])
    assert attractor_table.number(found).tolist() == [3, 6]
    assert attractor_table.number_at_rest(found).tolist() == [0, 6]
    assert attractor_table.moving_share(found).tolist() == pytest.approx([1, 0])
    assert attractor_table.dimension(found).tolist() == [1, 0]
    largest = attractor_table.largest_exponent(found)
    assert largest.tolist() == [table[table.network == n].exponent_1.max() for n in (3, 7)]


def test_a_dimension_that_was_not_reached_leaves_the_network_without_one(table):
    missing = (table.network == 7) & (table["index"] == 1)
    unknown = table.assign(dimension=table.dimension.mask(missing))
    assert attractor_table.dimension(Census(unknown, [3, 7])).isnan().tolist() == [False, True]
