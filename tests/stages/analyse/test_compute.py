"""The stage on small made-up results: every output, its columns, and what failures leave behind."""

import fnmatch

import numpy as np
import pandas as pd
import pytest
import torch

from stages.analyse.retrained import SETTINGS, analyse, batch, settings
from threefactor.analysis import network_table as measures
from threefactor.analysis.representation.responses import noise_free
from threefactor.analysis.solutions.distances import DISTANCES
from threefactor.experiment import build
from threefactor.experiment.solutions import network_of
from threefactor.experiment.view import everything
from threefactor.pipeline import registry
from threefactor.pipeline.settings import load
from threefactor.stages.analyse.tables import ARRAYS, tables
from threefactor.training.batch import convert, select

AFFORDABLE = [one.name for one in DISTANCES if not one.costly]
FACTORS = ("first", "second", "choice")
HORIZONS = dict.fromkeys(("theta_33", "theta_11"), SETTINGS["retrain"]["horizon"]) | {"bptt": 500}
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
    horizon = networks.index.get_level_values("learning_rule").map(HORIZONS)
    assert (networks.trials == np.where(networks.crossed, 200, horizon)).all()
    assert networks.error.notna().equals(networks.crossed)
    assert networks.batch.tolist() == [0, 0, 1, 1] * 3
    assert set(found["spread"].learning_rule) == {"theta_33", "bptt"}
    assert found["distances"]["network"].tolist() == [0, 1, 2, 1, 2, 3]
    assert found["distances"]["rule"].tolist() == [0, 0, 0, 1, 1, 1]


def test_networks_have_the_weights_with_which_they_crossed_the_level(found, tmp_path):
    config = everything(load.parse(settings(tmp_path, MIXED)))
    task = build.task(config)
    inputs = task.draw(torch.arange(len(task.trial_types)), generator=None, dtype=torch.float64).inputs
    networks = found["networks"].set_index(["learning_rule", "network"])
    arrays, _ = batch(config, "bptt", 1, MIXED["bptt"][2:])
    level = config.retrain.levels.index(config.analyse.level)
    assert level > 0
    for place, number in enumerate((2, 3)):
        weights, initial = arrays["level.weights"][place, level], arrays["initial.weights"][place]
        change = torch.linalg.matrix_norm((weights - initial).double()) / torch.linalg.matrix_norm(initial)
        assert networks.relative_change["bptt", number] == pytest.approx(change.item(), rel=1e-5)  # single
        alone = network_of(arrays, "level", "tanh", level)
        alone = select(convert(alone, dtype=torch.float64), slice(place, place + 1))
        output = noise_free(alone, inputs).output[0, :, 1::2, 0]  # every second step is 20 ms
        row = found["trajectories"]["bptt.network"].tolist().index(number)
        assert found["trajectories"]["bptt.output"][row] == pytest.approx(output, rel=1e-5)


def test_another_level_takes_other_networks(tmp_path):
    found = analyse(tmp_path, {"theta_33": [False] * 4}, level=0.7)["networks"]
    assert found.crossed.all()
    assert found.analysed.tolist() == [True] * 3 + [False]
    assert (found.trials == 100).all()


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
    assert list(dict.fromkeys(spread.quantity)) == [*AFFORDABLE, *measures.compared(FACTORS)]
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
