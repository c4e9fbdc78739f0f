"""The networks of a file as a module: at the end of learning, or those that crossed a level."""

import pytest
import torch

import solution_files
from threefactor.experiment.settings.errors import SettingsError
from threefactor.pipeline import solution_file
from threefactor.pipeline.export.module import module


@pytest.fixture
def file(tmp_path):
    return solution_file.read(solution_files.write(tmp_path, number=1))


def test_all_networks_are_there_at_the_end_of_learning(file):
    found = module([file])
    assert found.weights.equal(file.arrays["final.weights"])
    assert found.output_weights.equal(file.arrays["final.output_weights"])
    assert found.numbers.tolist() == [3, 4, 5]
    assert found.about["learning_rule"] == "bptt"
    assert found.about["level"] is None


def test_at_a_level_there_are_those_that_crossed_it(file):
    found = module([file], 0.5)
    assert found.numbers.tolist() == [4]
    assert found.weights.equal(file.arrays["level.weights"][1:2, 1])
    assert found.input_weights.equal(file.arrays["input_weights"][1:2])
    output, state = found(torch.ones(2, 6, 2, dtype=torch.float64))
    assert output.isfinite().all()
    assert state.shape == (2, 7, 12)


def test_batches_of_a_rule_are_joined(file, tmp_path):
    first = solution_file.read(solution_files.write(tmp_path, number=0))
    found = module([first, file])
    assert found.numbers.tolist() == [0, 1, 2, 3, 4, 5]
    assert found.input_weights[3:].equal(file.arrays["input_weights"])
    assert module([first, file], 0.5).numbers.tolist() == [1, 4]


def test_a_level_that_no_network_crossed_is_refused(file):
    with pytest.raises(SettingsError, match=r"level = 0\.4: must be one of 0\.7, 0\.5, .*bptt crossed"):
        module([file], 0.4)
    never = {**file.arrays, "level.trial": torch.full((3, 2), -1)}
    with pytest.raises(SettingsError, match=r"level = 0\.7: must be left out"):
        module([file._replace(arrays=never)], 0.7)
