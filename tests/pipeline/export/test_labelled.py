"""Every array of a file has named axes with coordinates, a unit and a meaning, and names that MATLAB takes."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

import solution_files
from solution_files import HORIZON, LEVELS, NETWORKS, SNAPSHOTS, UNITS
from threefactor.experiment.settings.errors import SettingsError
from threefactor.experiment.view import everything
from threefactor.pipeline import solution_file
from threefactor.pipeline.export import labelled
from threefactor.pipeline.settings import load
from threefactor.pipeline.storage import arrays

SPARSE = {"units": UNITS, "density": 0.5, "inhibitory": 0.25}


@pytest.fixture
def file(tmp_path):
    return solution_file.read(solution_files.write(tmp_path, number=1, network=SPARSE))


def test_all_arrays_are_there_with_axes_that_have_coordinates(file):
    found = labelled.content(file)
    held = {**found.variables, **found.coordinates}
    assert set(held) >= {name.replace(".", "_") for name in arrays.load(file.path)}
    for one in held.values():
        assert one.values.shape == tuple(len(found.coordinates[dim].values) for dim in one.dims)
        assert one.meaning
    assert {name: part.values.tolist() for name, part in found.coordinates.items() if "unit" not in name} == {
        "network": [NETWORKS + place for place in range(NETWORKS)],  # of the second batch
        "trial": [1 + place for place in range(HORIZON)],
        "input": [0, 1],
        "output": [0],
        "level": LEVELS,
        "snapshot": SNAPSHOTS,
    }
    for name in held:
        assert re.fullmatch(r"[a-z]\w{0,62}", name, re.ASCII), name


def test_axes_say_which_side_of_a_synapse_a_unit_is_on(file):
    found = labelled.content(file).variables
    assert found["final_weights"].dims == ("network", "unit_post", "unit_pre")
    assert found["final_output_weights"].dims == ("network", "output", "unit_pre")
    assert found["input_weights"].dims == ("network", "unit_post", "input")
    assert found["sign"].dims == ("unit_pre",)
    assert found["leak"].dims == ()


def test_what_never_was_is_nan_and_said(file):
    found = labelled.content(file).variables
    for point in ("level", "snapshot"):
        never = found[f"{point}_trial"].values < 0
        assert never.any()
        for name in (f"{point}_weights", f"{point}_output_weights"):
            assert np.array_equal(np.isnan(found[name].values).all((-1, -2)), never)
            assert found[name].meaning.endswith(f"NaN where {point}_trial is -1")
    assert labelled.missing(file) == {
        ("level", 0.5): "2 of 3 networks never came there",
        ("snapshot", 6): "1 of 3 networks never came there",
    }


def test_attributes_tell_the_rule_and_the_settings_but_no_password(file, tmp_path):
    path = solution_files.write(tmp_path / "other", tracking={"uri": "http://me:secret@here"})
    found = labelled.attributes(solution_file.read(path))
    assert "secret" not in str(found)
    found = labelled.attributes(file)
    wanted = {"learning_rule": "bptt", "batch": 1, "task": "dnms", "seed": 1, "activation": "tanh"}
    assert wanted.items() <= found.items()
    assert found["time_step_ms"] / found["time_constant_ms"] == file.arrays["leak"].item()
    assert json.loads(found["settings"])["network"]["density"] == 0.5
    assert all(isinstance(value, str | int | float) for value in found.values())


WRONG = {
    "networks": ({"networks": 5}, r"retrain\.networks: must be 3, not 5"),
    "snapshots": ({"networks": 3, "snapshots": [0, 1]}, r"retrain\.snapshots: must be 4, not 2"),
}


@pytest.mark.parametrize("case", WRONG)
def test_settings_of_another_run_are_refused(file, case):
    retrain, words = WRONG[case]
    other = everything(load.parse({"retrain": retrain}))
    with pytest.raises(SettingsError, match=words):
        labelled.content(file._replace(settings=other))


def test_a_file_that_was_moved_is_refused(file):
    with pytest.raises(SettingsError, match=r"moved\.safetensors: must end as retrain/"):
        labelled.attributes(file._replace(path=Path("/moved.safetensors")))
