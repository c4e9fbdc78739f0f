"""Reward-modulated RFLO and e-prop: on average RFLO and e-prop, and each the other with the other's feedback."""

import pytest
import torch

from learning_rules.noise_draws import fed_back, over_window, standard_errors, updates, without_noise
from random_numbers import noise
from small_runs import OUTPUTS, UNITS
from threefactor.contract import Feedback
from threefactor.learning_rules import reward_eprop, reward_rflo, rflo
from threefactor.learning_rules.local_gradient import LocalGradient

UNCLIPPED, BOUND = float("inf"), 0.1
RANDOM = noise(OUTPUTS, UNITS, seed=5)
RULES = pytest.mark.parametrize("rule", [reward_rflo, reward_eprop], ids=["rflo", "eprop"])


@RULES
@pytest.mark.parametrize("broadcast", [RANDOM, None], ids=["random", "symmetric"])
def test_the_mean_update_is_that_of_the_rule_that_knows_the_error(rule, broadcast):
    """Exactly, for noise of any size: a squared reward is a parabola of the noise, the odd moments of which vanish."""
    draws = 20_000
    drawn = updates(rule, LocalGradient(1.0, UNCLIPPED, broadcast, 0.5), "outputs", draws)
    net, trial, quiet, gradient = without_noise()
    feedback = Feedback(*2 * [torch.full((1,), torch.nan)], over_window(trial, gradient))
    exact = rflo.update(LocalGradient(1.0, UNCLIPPED, broadcast), net, (), quiet, feedback)[0][0]
    off = standard_errors(drawn, exact)
    assert off.abs().max() < 4.5, "of 25 normal numbers none is beyond, but for one in 6000"
    assert (drawn.std(0) / draws**0.5).norm() < 0.05 * exact.norm()
    assert standard_errors(drawn, 0 * exact).abs().max() > 20


def test_symmetric_feedback_is_feedback_by_the_weights_of_the_readout():
    net, _, quiet, _ = without_noise()
    held = torch.zeros(1, 7, OUTPUTS, dtype=torch.float64)
    held[:, 4:] = noise(1, 1, OUTPUTS)
    feedback = fed_back(net, -0.4, -0.6, held)
    symmetric = reward_eprop.update(LocalGradient(0.7, BOUND, None, 0.3), net, (), quiet, feedback)[0]
    by_readout = LocalGradient(0.7, BOUND, net.output_weights[0], 0.3)
    found = reward_rflo.update(by_readout, net, (), quiet, feedback)[0]
    # one product for all networks and one for each may round differently
    torch.testing.assert_close(found, symmetric, rtol=1e-12, atol=1e-16)
    other = reward_rflo.update(by_readout._replace(broadcast=RANDOM), net, (), quiet, feedback)[0]
    assert not torch.allclose(other, symmetric)
    assert 0.05 < (found.abs() == BOUND).double().mean() < 0.95


@RULES
def test_neither_learns_from_a_reward_that_is_its_baseline(rule):
    net, _, quiet, _ = without_noise()
    held = torch.ones(1, 7, OUTPUTS, dtype=torch.float64)
    params = LocalGradient(0.7, UNCLIPPED, RANDOM, 0.3)
    assert (rule.update(params, net, (), quiet, fed_back(net, -0.6, -0.6, held))[0] == 0).all()
    assert (rule.update(params, net, (), quiet, fed_back(net, -0.5, -0.6, held))[0] != 0).all()
