"""Delayed nonmatch to sample, trial by trial."""

import pytest
import torch

from threefactor.tasks import dnms


def test_dnms_rewards_nonmatch():
    task = dnms.make(1000, 20, 0.98, "graded")
    trial = task.draw(torch.arange(4))
    assert task.steps == 50
    wanted = {"aa": -0.98, "ab": 0.98, "ba": 0.98, "bb": -0.98}
    for row, name in enumerate(task.trial_types):
        assert trial.target[row, -1, 0].item() == pytest.approx(wanted[name])
        for start, letter in ((0, name[0]), (20, name[1])):
            channel = "ab".index(letter)
            assert (trial.inputs[row, start : start + 10, channel] == 1).all()
            assert (trial.inputs[row, start : start + 10, 1 - channel] == 0).all()
    assert (trial.inputs[:, 10:20] == 0).all()
    assert (trial.inputs[:, 30:] == 0).all()
    torch.testing.assert_close(trial.window.sum(1), torch.ones(4))
    assert (trial.window[:, :40] == 0).all()


def test_dnms_refuses_a_trial_that_has_no_fifths():
    with pytest.raises(ValueError, match="must be a multiple of 5 time steps"):
        dnms.make(1000, 30, 0.98, "graded")
