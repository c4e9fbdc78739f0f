"""Every measure, of networks that did not change and of those that did."""

import math

import pytest
import torch

from random_numbers import noise
from threefactor.analysis import network_table
from threefactor.analysis.group import Group, moments
from threefactor.analysis.landscape.fixed_point_table import FIXED_POINTS, Search
from threefactor.analysis.landscape.spectra import spectra
from threefactor.analysis.measure import EVERY, FIRST, LAST, Known, Measure
from threefactor.analysis.representation.components import principal_components
from threefactor.analysis.table import stacked
from threefactor.contract import Network
from threefactor.tasks import dnms

TASK = dnms.make(100.0, 10.0, 0.98, "graded")
NETWORKS, UNITS, KEPT = 3, 6, 5


def network(weights):
    none, rest = torch.zeros(UNITS, dtype=torch.bool), torch.zeros(UNITS, dtype=torch.float64)
    return Network(weights, noise(NETWORKS, UNITS, 2), noise(NETWORKS, 1, UNITS), none, rest, 0.1)


def known(before, after, change):
    """Return what is known of three networks, of which two were decoded and none searched."""
    group = Group("r", [0, 1, 4], network(noise(3, 6, 6)), network(noise(3, 6, 6) + change))
    at, pairs = moments(TASK.steps, 10.0, 20.0), (group.initial.weights, group.final.weights)
    return Known(
        group=group,
        task=TASK,
        moments=at,
        before=before,
        after=after,
        components=principal_components(after.flatten(1, 2), 3),
        speed=torch.ones(NETWORKS, len(TASK.trial_types), KEPT, dtype=torch.float64),
        spectra=spectra(*pairs, group.initial.clamped),
        accuracy={name: torch.ones(2, KEPT, KEPT, dtype=torch.float64) for name in TASK.factors},
        search=Search(stacked([], FIXED_POINTS), [0, 1], 8),
        costly=None,
        shape_components=5,
    )


def test_networks_that_did_not_change_have_not_moved():
    rates = noise(NETWORKS, 4, KEPT, UNITS)
    table = network_table.measured(known(rates, rates, torch.zeros(6, 6, dtype=torch.float64)))
    assert table.representation_alignment.tolist() == pytest.approx([1.0] * 3)
    assert table.distance_from_initial.max() < 1e-6  # arccos near 1 loses half of the digits
    assert table.change_norm.tolist() == table.eigenvalue_change.tolist() == [0.0] * 3
    assert (table.abscissa_initial == table.abscissa_final).all()
    changed = network_table.measured(known(noise(3, 4, KEPT, UNITS, seed=1), rates, noise(6, 6, seed=2)))
    assert changed.distance_from_initial.min() > 0.1
    assert changed.change_norm.tolist() == pytest.approx([float(noise(6, 6, seed=2).norm())] * 3)


def test_a_measure_of_the_first_networks_is_empty_for_the_others():
    rates = noise(NETWORKS, 4, KEPT, UNITS)
    table = network_table.measured(known(rates, rates, noise(6, 6)))
    assert table.decoding_choice_response.tolist()[:2] == [1.0, 1.0]
    assert table.fixed_points.tolist()[:2] == [0.0, 0.0]
    assert math.isnan(table.fixed_points[2])
    assert table.components_90.dtype.kind == "i", "a count of all networks stays a whole number"


def test_measures_of_factors_are_filled_in():
    one = Measure("of_{factor}", "", "about {factor}", lambda known, factor: factor, factors=EVERY)
    assert [found.name for found in one.of("ab")] == ["of_a", "of_b"]
    assert [found.meaning for found in one.of("ab")] == ["about a", "about b"]
    assert [found.function(None) for found in one.of("ab")] == ["a", "b"]
    assert [found.name for found in one._replace(factors=FIRST).of("abc")] == ["of_a"]
    assert [found.name for found in one._replace(factors=LAST).of("abc")] == ["of_c"]


def test_columns_follow_from_the_entries():
    declared = network_table.columns(list(TASK.factors))
    names = [measure.name for measure in network_table.measures(list(TASK.factors))]
    assert declared.names() == [column.name for column in network_table.RETRAINED] + names
    assert set(network_table.compared(list(TASK.factors))) < set(names)
    assert network_table.named("relative_change").label
