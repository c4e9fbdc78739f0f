"""What is written for other programs is read by them as it was."""

import json

import numpy as np
import pytest
from scipy.io import loadmat

import solution_files
from solution_files import UNITS
from threefactor.experiment.settings.errors import SettingsError
from threefactor.network import rate_network
from threefactor.pipeline import solution_file
from threefactor.pipeline.export import files, labelled


@pytest.fixture
def file(tmp_path):
    sparse = {"units": UNITS, "density": 0.5, "inhibitory": 0.25}
    return solution_file.read(solution_files.write(tmp_path / "results", network=sparse))


def held(file):
    """Return all arrays by name, and the attributes."""
    found = labelled.content(file)
    return {**found.variables, **found.coordinates}, found.attributes


def test_numpy_reads_everything(file, tmp_path):
    (path,) = files.write(file, tmp_path / "out.npz")
    wanted, attributes = held(file)
    with np.load(path, allow_pickle=False) as found:
        assert set(found) == {*wanted, "about"}
        for name, one in wanted.items():
            np.testing.assert_array_equal(found[name], one.values, strict=True)
        about = json.loads(str(found["about"]))
    assert about["attributes"] == attributes
    for name, one in wanted.items():
        assert about["arrays"][name] == {
            "axes": " ".join(one.dims),
            "unit": one.unit,
            "meaning": one.meaning,
        }


def test_matlab_reads_everything(file, tmp_path):
    (path,) = files.write(file, tmp_path / "out.mat")
    wanted, attributes = held(file)
    found = loadmat(path)
    assert {name for name in found if not name.startswith("__")} == {*wanted, "about"}
    for name, one in wanted.items():
        shape = found[name].shape  # of a vector a row, of a number one of one
        np.testing.assert_array_equal(found[name], one.values.reshape(shape))
        assert one.values.ndim < 2 or shape == one.values.shape
    about = loadmat(path, simplify_cells=True)["about"]
    assert {name: about[name] for name in attributes} == attributes
    assert about["arrays"]["level_trial"]["axes"] == "network level"
    assert about["arrays"]["error"]["meaning"] == wanted["error"].meaning, "with its minus and asterisk"


def test_xarray_reads_everything(file, tmp_path):
    xarray = pytest.importorskip("xarray", reason="optional: pip install -e '.[export]'")
    (path,) = files.write(file, tmp_path / "out.nc")
    wanted, attributes = held(file)
    found = xarray.load_dataset(path)
    assert set(found.variables) == set(wanted)
    for name, one in wanted.items():
        assert found[name].dims == one.dims
        np.testing.assert_array_equal(
            found[name].values, one.values
        )  # whole numbers of 32 bits in such a file
        assert found[name].dtype.kind == one.values.dtype.kind
        assert found[name].attrs["long_name"] == one.meaning
        assert found[name].attrs.get("units", "") == one.unit
    assert found.attrs == attributes
    assert (
        found.final_weights.sel(network=2, unit_post=3, unit_pre=4) == file.arrays["final.weights"][2, 3, 4]
    )


def test_torch_reads_networks_and_finds_what_runs_them(file, tmp_path):
    path, source = files.write(file, tmp_path / "out.pt")
    assert source == tmp_path / "rate_network.py"
    assert source.read_bytes() == files.SOURCE.read_bytes()
    found = rate_network.load(path)
    assert found.weights.equal(file.arrays["final.weights"])
    assert found.exists.equal(file.arrays["exists"])


WRONG = {
    "ending": ("out.h5", None, r"out\.h5: must end in \.npz, \.mat, \.nc, \.pt"),
    "level of all": ("out.npz", 0.5, r"level = 0\.5: must be left out for .*out\.npz"),
    "no such level": ("out.pt", 0.3, r"level = 0\.3: must be one of 0\.7, 0\.5"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_written_is_refused_and_leaves_nothing(file, tmp_path, case):
    name, level, words = WRONG[case]
    with pytest.raises(SettingsError, match=words):
        files.write(file, tmp_path / name, level=level)
    assert [path.name for path in tmp_path.iterdir()] == ["results"]
