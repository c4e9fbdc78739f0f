"""Rewards, their gradients, and the error."""

import pytest
import torch

from small_runs import experiences
from threefactor.tasks.reward import REWARDS, mean_error, reward


@pytest.mark.parametrize("name", REWARDS)
def test_reward_gradient_is_its_derivative(name):
    trial = experiences(1, reward=name)[0].trial
    output = torch.randn(trial.target.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
    value, gradient = reward(trial, output.detach())
    moved, _ = reward(trial, output.detach() + 1e-7 * gradient.sign())
    torch.testing.assert_close((moved - value) / 1e-7, gradient.abs().sum((1, 2)), rtol=1e-5, atol=1e-6)


def test_silent_output_is_graded_by_the_size_of_the_target():
    trial = experiences(1)[0].trial
    silent = torch.zeros_like(trial.target)
    expected = (trial.target.abs().mean(2) * trial.window).sum(1)
    torch.testing.assert_close(mean_error(trial, silent), expected)


def test_unknown_reward_names_those_there_are():
    trial = experiences(1)[0].trial._replace(reward="praise")
    with pytest.raises(ValueError, match="reward = 'praise': must be one of graded, squared, correct"):
        reward(trial, trial.target)
