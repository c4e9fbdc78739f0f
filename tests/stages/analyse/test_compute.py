"""The stage on small made-up results: every output, its columns, and what failures leave behind."""

import fnmatch

import numpy as np
import pandas as pd
import pytest
import torch

from stages.analyse.retrained import HORIZON, analyse, batch
from threefactor.analysis import network_table as measures
from threefactor.pipeline import registry
from threefactor.stages.analyse.tables import ARRAYS, tables

FACTORS = ("first", "second", "choice")
YES = [True] * 4
MIXED = {"theta_33": YES, "theta_11": [False, False, True, False], "bptt": [False, True, True, True]}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return analyse(tmp_path_factory.mktemp("mixed"), MIXED)


def test_every_output_is_declared_and_has_its_columns_and_arrays(found):
    declared = tables(FACTORS)
    assert set(declared) | set(ARRAYS) == set(registry.stages()["analyse"].outputs) == set(found)
    for name, table in declared.items():
        assert list(found[name].columns) == table.names()
        assert len(set(table.names())) == len(table.names())
        assert all(column.meaning for column in table.columns)
    for name, several in ARRAYS.items():
        patterns = [one.name.replace("<learning_rule>", "*").replace("<factor>", "*") for one in several]
        patterns = [pattern.replace("<distance>", "*") for pattern in patterns]
        for key in found[name]:
            assert any(fnmatch.fnmatchcase(key, pattern) for pattern in patterns), key
        for pattern in patterns:
            assert fnmatch.filter(found[name], pattern), pattern


def test_arrays_have_the_axes_that_are_declared(found):
    for name, several in ARRAYS.items():
        for one in several:
            key = one.name.replace("<learning_rule>", "bptt").replace("<factor>", "first")
            array = found[name][key.replace("<distance>", "cka")]
            axes = one.axes.split(", ") if "," in one.axes else one.axes.split()
            assert array.dim() == len(axes), one.name


def test_failures_are_counted_not_dropped(found):
    networks = found["networks"].set_index(["learning_rule", "network"])
    counts = networks.analysed.groupby("learning_rule").sum().to_dict()
    assert counts == {"theta_33": 3, "theta_11": 0, "bptt": 3}
    assert networks.participation_ratio.notna().equals(networks.analysed)
    crossed = networks.crossed.groupby("learning_rule").sum().to_dict()
    assert crossed == {"theta_33": 4, "theta_11": 1, "bptt": 3}
    assert networks.trials.tolist() == [300 if yes else HORIZON for yes in networks.crossed]
    assert networks.error.isna().equals(~networks.crossed)
    assert set(found["spread"].learning_rule) == {"theta_33", "bptt"}
    assert found["distances"]["network"].tolist() == [0, 1, 2, 1, 2, 3]
    assert found["distances"]["rule"].tolist() == [0, 0, 0, 1, 1, 1]


def test_networks_are_measured_with_their_weights_at_the_level(found):
    """Not with those at the level before, nor with those at the end of learning, which no file of these tests has."""
    networks = found["networks"][found["networks"].analysed].set_index(["learning_rule", "network"])
    for (rule, network), row in networks.iterrows():
        made = batch(rule, network // 2, [[True, True, False]] * 2)
        start, end = made["initial.weights"][network % 2], made["level.weights"][network % 2, 1]
        change = (end - start).double().norm() / start.double().norm()
        assert row.relative_change == pytest.approx(change.item(), rel=1e-6)


def test_measures_of_the_first_networks_are_empty_for_the_others(found):
    networks = found["networks"][found["networks"].analysed].set_index(["learning_rule", "network"])
    few = ["decoding_first_delay", "decoding_choice_response", "fixed_points", "fixed_point_arrivals"]
    for column in few:
        known = networks[column].notna().groupby("learning_rule").sum()
        assert known.to_dict() == {"theta_33": 2, "bptt": 2}
    points = found["fixed_points"].groupby(["learning_rule", "network"])
    counts = networks.fixed_points.dropna()
    assert (points.size().reindex(counts.index, fill_value=0) == counts).all()
    stable = points.stable.sum().reindex(counts.index, fill_value=0)
    assert (stable == networks.stable_fixed_points.dropna()).all()


def test_what_is_compared_stands_in_spread(found):
    spread = found["spread"]
    assert list(dict.fromkeys(spread.quantity)) == ["cka", "procrustes", *measures.compared(FACTORS)]
    networks = found["networks"][found["networks"].analysed]
    for quantity in measures.compared(FACTORS):
        means = networks.groupby("learning_rule")[quantity].mean()
        own = spread[spread.quantity == quantity].set_index("learning_rule").estimate
        assert own.to_dict() == pytest.approx(means.to_dict())


def test_the_same_seed_gives_the_same_results(found, tmp_path):
    again = analyse(tmp_path, MIXED)
    for name, value in found.items():
        if isinstance(value, pd.DataFrame):
            pd.testing.assert_frame_equal(value, again[name], check_exact=True)
        else:
            for key, array in value.items():
                assert np.array_equal(array, again[name][key], equal_nan=True)


def test_nobody_at_the_level_leaves_counts_and_empty_geometry(tmp_path):
    none = analyse(tmp_path, {"theta_33": [False] * 4})
    assert none["networks"].crossed.tolist() == [False] * 4
    assert len(none["networks"]) == 4
    assert not any(
        len(none[name]) for name in ("decoding", "spectrum", "fixed_points", "permanova", "spread")
    )


def test_without_decoding_and_fixed_points_their_measures_are_empty(tmp_path):
    bare = analyse(tmp_path, {"theta_33": YES, "bptt": YES}, decoding_networks=0, fixed_point_networks=0)
    networks = bare["networks"]
    assert networks[["decoding_first_delay", "static_first_delay", "fixed_points"]].isna().all(axis=None)
    assert networks[networks.analysed].kernel_alignment.notna().all()
    assert not len(bare["decoding"])
    assert not len(bare["fixed_points"])
    assert list(bare["cross_temporal"]) == ["time_ms"]
    assert torch.isfinite(bare["trajectories"]["bptt.projection"]).all()
