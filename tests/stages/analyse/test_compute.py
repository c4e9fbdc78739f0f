"""The stage on small made-up results: every output, its columns, and what failures leave behind."""

import fnmatch

import numpy as np
import pandas as pd
import pytest
import torch

from stages.analyse.retrained import SETTINGS, analyse, batch, settings
from threefactor.analysis.representation.responses import noise_free
from threefactor.experiment import build
from threefactor.experiment.solutions import network_of
from threefactor.experiment.view import everything
from threefactor.pipeline import registry
from threefactor.pipeline.settings import load
from threefactor.stages.analyse.tables import ARRAYS, tables
from threefactor.training.batch import convert, select

FACTORS = ("first", "second", "choice")
HORIZONS = {"theta_33": SETTINGS["retrain"]["horizon"], "bptt": 500}
YES = [True] * 4
MIXED = {"theta_33": YES, "bptt": [False, True, True, True]}
KEYS = ["learning_rule", "level", "network"]


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return analyse(tmp_path_factory.mktemp("mixed"), MIXED, levels=[0.3])


def test_every_output_is_declared_and_has_its_columns_and_arrays(found):
    declared = tables(FACTORS)
    assert set(declared) | set(ARRAYS) == set(registry.stages()["analyse"].outputs) == set(found)
    for name, table in declared.items():
        assert list(found[name].columns) == table.names()
        assert len(set(table.names())) == len(table.names())
        assert all(column.meaning for column in table.columns)
    several = ARRAYS["representations"]
    patterns = [one.name.replace("<level>", "*").replace("<factor>", "*") for one in several]
    for arrays in found["representations"].values():
        for key in arrays:
            assert any(fnmatch.fnmatchcase(key, pattern) for pattern in patterns), key
        for pattern in patterns:
            assert fnmatch.filter(arrays, pattern), pattern


def test_arrays_have_the_axes_that_are_declared(found):
    for one in ARRAYS["representations"]:
        key = one.name.replace("<level>", "0.5").replace("<factor>", "first")
        axes = one.axes.split(", ") if "," in one.axes else one.axes.split()
        assert found["representations"]["bptt", 1][key].dim() == len(axes), one.name


def test_failures_are_counted_not_dropped(found):
    networks = found["networks"].set_index(KEYS)
    assert networks.participation_ratio.notna().equals(networks.analysed)
    assert networks.analysed.equals(networks.crossed)
    crossed = networks.crossed.groupby(["learning_rule", "level"]).sum().to_dict()
    assert crossed == {("theta_33", 0.3): 4, ("theta_33", 0.5): 4, ("bptt", 0.3): 3, ("bptt", 0.5): 3}
    horizon = networks.index.get_level_values("learning_rule").map(HORIZONS)
    there = np.where(networks.index.get_level_values("level") == 0.5, 200, 400)
    assert (networks.trials == np.where(networks.crossed, there, horizon)).all()
    assert networks.error.notna().equals(networks.crossed)
    assert networks.batch.tolist() == ([0] * 4 + [1] * 4) * 2
    assert set(networks.gain) == {1.5}


def test_networks_have_the_weights_with_which_they_crossed_each_level(found, tmp_path):
    config = everything(load.parse(settings(tmp_path, MIXED)))
    task = build.task(config)
    inputs = task.draw(torch.arange(len(task.trial_types)), generator=None, dtype=torch.float64).inputs
    networks = found["networks"].set_index(KEYS)
    solutions, _ = batch(config, "bptt", 1, MIXED["bptt"][2:])
    arrays = found["representations"]["bptt", 1]
    for place, level in ((1, 0.5), (2, 0.3)):
        assert config.retrain.levels[place] == level
        for row, number in enumerate((2, 3)):
            weights, initial = solutions["level.weights"][row, place], solutions["initial.weights"][row]
            change = torch.linalg.matrix_norm((weights - initial).double()) / torch.linalg.matrix_norm(
                initial
            )
            assert networks.relative_change["bptt", level, number] == pytest.approx(change.item(), rel=1e-5)
            alone = network_of(solutions, "level", "tanh", place)
            alone = select(convert(alone, dtype=torch.float64), slice(row, row + 1))
            assert arrays[f"{level}.network"].tolist() == [2, 3]
            output = noise_free(alone, inputs).output[0, :, 1::2, 0]  # every second step is 20 ms
            assert arrays[f"{level}.output"][row].numpy() == pytest.approx(output.numpy(), rel=1e-5)  # single


def test_no_more_networks_than_wanted_are_analysed_at_another_level(tmp_path):
    found = analyse(tmp_path, {"theta_33": [False] * 4}, level=0.7, networks=1)["networks"]
    assert found.crossed.all()
    assert found.analysed.tolist() == [True, False] * 2
    assert (found.trials == 100).all()


def test_measures_of_the_first_networks_are_empty_for_the_others(found):
    networks = found["networks"][found["networks"].analysed].set_index(KEYS)
    few = ["decoding_first_delay", "decoding_choice_response", "fixed_points", "fixed_point_arrivals"]
    for column in few:
        known = networks[column].notna().groupby([networks.batch, "learning_rule", "level"]).sum()
        assert set(known) == {1}
    points = found["fixed_points"].groupby(KEYS)
    counts = networks.fixed_points.dropna()
    assert (points.size().reindex(counts.index, fill_value=0) == counts).all()
    stable = points.stable.sum().reindex(counts.index, fill_value=0)
    assert (stable == networks.stable_fixed_points.dropna()).all()


def test_attractors_are_followed_along_learning(found):
    changes = found["attractor_changes"]
    assert len(changes)
    assert set(changes.network) <= {0, 2}, "the first network of each batch"
    assert set(changes.before) == {0}
    assert set(changes.trials) == {25}
    assert (changes["from"] == "fixed point").all(), "at a gain of 0.15"
    assert (changes.attractors_before == 1).all()


def test_the_same_seed_gives_the_same_results(found, tmp_path):
    again = analyse(tmp_path, MIXED, levels=[0.3])
    for name in tables(FACTORS):
        pd.testing.assert_frame_equal(found[name], again[name], check_exact=True)
    for job, arrays in found["representations"].items():
        for key, array in arrays.items():
            assert np.array_equal(array, again["representations"][job][key], equal_nan=True)


def test_nobody_at_the_level_leaves_counts_and_empty_geometry(tmp_path):
    none = analyse(tmp_path, {"theta_33": [False] * 4})
    assert none["networks"].crossed.tolist() == [False] * 4
    assert not any(len(none[name]) for name in ("spectrum", "fixed_points"))
    assert all(list(arrays) == ["time_ms"] for arrays in none["representations"].values())


def test_without_decoding_and_fixed_points_their_measures_are_empty(tmp_path):
    bare = analyse(tmp_path, {"theta_33": YES, "bptt": YES}, decoding_networks=0, fixed_point_networks=0)
    networks = bare["networks"]
    assert networks[["decoding_first_delay", "static_first_delay", "fixed_points"]].isna().all(axis=None)
    assert networks[networks.analysed].representation_alignment.notna().all()
    assert not len(bare["fixed_points"])
    arrays = bare["representations"]["bptt", 0]
    assert not [name for name in arrays if "cross_temporal" in name]
    assert torch.isfinite(arrays["0.5.projection"]).all()
