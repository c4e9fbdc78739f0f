"""Labelled arrays need xarray, and say so."""

import sys

import pytest

import solution_files
from threefactor.experiment.settings.errors import SettingsError
from threefactor.pipeline import solution_file
from threefactor.pipeline.export.dataset import dataset
from threefactor.pipeline.export.labelled import content


def test_without_xarray_one_line_says_what_to_do(tmp_path, monkeypatch):
    found = content(solution_file.read(solution_files.write(tmp_path)))
    monkeypatch.setitem(sys.modules, "xarray", None)  # importing it fails
    with pytest.raises(SettingsError, match=r"^xarray: must be installed.*pip install -e '\.\[export\]'$"):
        dataset(found)


def test_errors_are_picked_by_name(tmp_path):
    pytest.importorskip("xarray", reason="optional: pip install -e '.[export]'")
    file = solution_file.read(solution_files.write(tmp_path))
    found = dataset(content(file))
    assert found.error.sel(network=1).count() == 5, "it diverged after the fifth trial"
    assert found.level_weights.sel(level=0.5).isnull().all(("unit_post", "unit_pre")).values.tolist() == [
        True,
        False,
        True,
    ]
    assert found.attrs["learning_rule"] == "bptt"
