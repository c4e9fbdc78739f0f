import pandas as pd
import pytest
import torch

from random_numbers import noise
from threefactor.analysis.landscape import fixed_point_table, input_conditions
from threefactor.analysis.landscape.fixed_point_table import FIXED_POINTS, Search
from threefactor.analysis.representation.components import principal_components
from threefactor.contract import Network

CLAMPED = torch.tensor([False, False, True, False])


def network():
    """Return a network without recurrence, which has one stable fixed point under each input."""
    state = torch.tensor([0.0, 0, -1, 0], dtype=torch.float64)
    return Network(torch.zeros(1, 4, 4).double(), noise(1, 4, 2), noise(1, 1, 4, seed=1), CLAMPED, state, 0.1)


def test_table_and_counts_include_networks_without_a_fixed_point():
    points = input_conditions.search(network(), noise(5, 3), steps=20, tolerance=1e-10, separation=1e-3)
    table = fixed_point_table.points_table(network(), points, principal_components(noise(1, 9, 3), 3), 5)
    table = table.assign(network=7, learning_rule="r")
    assert table.condition.tolist() == ["none", "a", "b"]
    assert set(table.columns) == set(FIXED_POINTS.names()) - {"level"}
    found = Search(table, [3, 7], 15)
    assert fixed_point_table.number(found).tolist() == [0, 3]
    assert fixed_point_table.number_stable(found).tolist() == [0, 3]
    assert fixed_point_table.arrivals(found).tolist() == [0, 1]


def test_description_reads_out_clamped_units_too():
    found = input_conditions.search(network(), noise(5, 3), steps=20, tolerance=1e-10, separation=1e-3)
    points = found["b"]
    values = fixed_point_table.describe(network(), points)
    rate = torch.tanh(network().clamped_state).clone()
    rate[~CLAMPED] = torch.tanh(points.state[0])
    assert float(values["output"][0]) == pytest.approx(float(rate @ network().output_weights[0, 0]))
    assert float(values["largest_real"][0]) == pytest.approx(-1)
    assert bool(values["stable"][0])


def test_counts_follow_the_ids():
    points = pd.DataFrame({"network": [7, 7, 2], "stable": [True, False, False], "hits": [3, 2, 8]})
    found = Search(points, [2, 5, 7], 8)
    assert fixed_point_table.number(found).tolist() == [1, 0, 2]
    assert fixed_point_table.number_stable(found).tolist() == [0, 0, 1]
    assert fixed_point_table.arrivals(found).tolist() == [1, 0, 5 / 8]


def test_description_holds_the_response_and_the_steps_of_the_network():
    """Without recurrence a unit moves by its input, at the rate of a unit: no mode is slow, a step leaves 0.9."""
    found = input_conditions.search(network(), noise(5, 3), steps=20, tolerance=1e-10, separation=1e-3)["a"]
    values = fixed_point_table.describe(network(), found)
    free = ~CLAMPED
    slope = 1 - found.state[0].tanh().square()
    exact = (network().output_weights[0, 0, free] * slope) @ network().input_weights[0, free]
    assert float(values["gain"][0]) == pytest.approx(float(exact.norm()))
    assert float(values["slow_share"][0]) == 0
    assert float(values["step_modulus"][0]) == pytest.approx(0.9)
