"""Functions of the reward that meta-learning takes the mean of."""

import torch

from small_runs import DOUBLE
from threefactor.training.objective import SmoothedErrorRate, objective_value

SMOOTHED = SmoothedErrorRate(error=0.5, width=0.2)


def test_the_smoothed_error_rate_is_a_share_of_bad_trials_with_its_slope():
    reward = -torch.linspace(0, 1, 6, dtype=DOUBLE)
    value = objective_value(SmoothedErrorRate(0.5, 0.01), reward)[0]
    torch.testing.assert_close(value, torch.tensor([0, 0, 0, -1, -1, -1], dtype=DOUBLE), atol=1e-4, rtol=0)
    free = reward.clone().requires_grad_()
    exact = torch.autograd.grad(objective_value(SMOOTHED, free)[0].sum(), free)[0]
    torch.testing.assert_close(objective_value(SMOOTHED, reward)[1], exact, rtol=1e-10, atol=1e-14)
