"""Estimates of the gradient from noise that a rule explores with."""

import pytest
import torch

from random_numbers import noise
from threefactor.contract import Feedback
from threefactor.learning_rules import exploration

REWARD = torch.tensor([-0.4, -0.9, -0.2], dtype=torch.float64)
BASELINE = torch.tensor([-0.5, -0.5, -0.2], dtype=torch.float64)


def feedback(explored):
    return Feedback(REWARD, BASELINE, torch.full((3, 7, 2), torch.nan), explored)


def test_the_estimate_from_noise_on_weights_is_noise_times_reward_prediction_error_over_variance():
    drawn = noise(3, 4, 4)
    found = exploration.weight_gradient(0.2, feedback(drawn))
    for b in range(3):
        exact = (REWARD[b] - BASELINE[b]) * drawn[b] / 0.04
        torch.testing.assert_close(found[b], exact, rtol=1e-12, atol=0)
    assert (found[2] == 0).all(), "the third reward is its baseline"


def test_the_steps_of_the_response_window_share_the_estimate_from_noise_on_outputs():
    held = torch.zeros(3, 7, 2, dtype=torch.float64)
    held[:, 4:] = noise(3, 1, 2)
    found = exploration.output_gradient(0.2, feedback(held))
    assert (found[:, :4] == 0).all()
    for t in range(4, 7):
        exact = (REWARD - BASELINE)[:, None] * held[:, 4] / 0.04 / 3
        torch.testing.assert_close(found[:, t], exact, rtol=1e-12, atol=0)


@pytest.mark.parametrize("estimate", [exploration.weight_gradient, exploration.output_gradient])
def test_a_trial_without_the_noise_is_refused(estimate):
    with pytest.raises(ValueError, match=r"^feedback\.exploration = None: must be the noise"):
        estimate(0.2, feedback(None))


def test_the_mean_estimate_is_the_slope_of_the_mean_reward_for_noise_of_any_size():
    """Stein's lemma, for a reward with an edge: R = 1 where y + z > 0, whose mean has the slope of a normal density."""
    draws, size, output = 400_000, 0.6, 0.3
    z = size * noise(draws, 1, 1)
    earned = (output + z[:, 0, 0] > 0).double()
    seen = Feedback(earned, torch.full_like(earned, 0.4), torch.zeros(1), z)
    found = exploration.output_gradient(size, seen).flatten()
    exact = torch.distributions.Normal(0.0, size).log_prob(torch.tensor(output, dtype=torch.float64)).exp()
    assert abs(found.mean() - exact) < 4 * found.std() / draws**0.5
    assert found.std() / draws**0.5 < 0.005 * exact
