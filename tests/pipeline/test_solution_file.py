"""A file of trained networks is read with the settings that lie beside it."""

import pytest
import torch

import solution_files
from solution_files import CROSSED, LEVELS, NETWORKS
from threefactor.experiment.view import everything
from threefactor.pipeline import solution_file
from threefactor.pipeline.settings import load
from threefactor.pipeline.storage import arrays
from threefactor.pipeline.storage.damage import DamagedError


@pytest.fixture
def path(tmp_path):
    return solution_files.write(tmp_path / "results", network={"units": 12, "activation": "softplus"})


def test_networks_have_the_settings_that_lie_two_folders_up(path):
    found = solution_file.solution(solution_file.read(path))
    raw = arrays.load(path)
    assert found.before.activation == found.after.activation == "softplus"
    assert torch.equal(found.before.weights, raw["initial.weights"])
    assert torch.equal(found.after.weights, raw["final.weights"])
    assert torch.equal(found.after.output_weights, raw["final.output_weights"])
    assert found.after.leak == raw["leak"].item()
    assert [found.crossed[level].tolist() for level in LEVELS] == [
        list(one) for one in zip(*CROSSED, strict=True)
    ]


def test_weights_that_never_were_are_nan(path):
    found = solution_file.solution(solution_file.read(path))
    for level in LEVELS:
        never = found.crossed[level] < 0
        for weights in (found.at[level].weights, found.at[level].output_weights):
            assert weights.isnan().flatten(1).all(1).equal(never)
            assert weights.isnan().flatten(1).any(1).equal(never)
    assert not found.after.weights.isnan().any()


def test_settings_that_are_given_come_first(path):
    other = everything(load.parse({"network": {"activation": "relu"}}))
    assert solution_file.solution(solution_file.read(path, other)).after.activation == "relu"


def test_a_relative_path_is_read_from_within_the_results(path, monkeypatch):
    monkeypatch.chdir(path.parent)
    assert len(solution_file.read(path.name).arrays["final.weights"]) == NETWORKS


def test_what_cannot_be_read_is_refused_in_one_line(path, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"1\.safetensors: must be a file that stage retrain wrote"):
        solution_file.read(path.with_name("1.safetensors"))
    other = tmp_path / "other.safetensors"
    arrays.save(other, {name: part for name, part in arrays.load(path).items() if name != "final.weights"})
    with pytest.raises(DamagedError, match=r"other\.safetensors: has no array final\.weights: must have "):
        solution_file.read(other)
    (tmp_path / "results/config.yaml").unlink()
    with pytest.raises(FileNotFoundError, match=r"0\.safetensors: its settings must be given"):
        solution_file.read(path)
