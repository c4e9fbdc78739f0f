"""Exploratory Hebb against a slow loop, theta_11 and, where states rest but for the perturbations, the gradient."""

import pytest
import torch

from small_runs import BATCH, DOUBLE, OFF, ON, STEPS, UNITS, experiences, network, rule
from threefactor.contract import Feedback, Network, Trial
from threefactor.learning_rules import exploratory_hebb, polynomial
from threefactor.learning_rules.exploratory_hebb import ExploratoryHebb
from threefactor.network.bptt import reward_gradient
from threefactor.network.simulate import simulate
from threefactor.tasks.reward import reward

PARAMS = ExploratoryHebb(0.3, 0.6, 0.02, 0.5, 2)
BETTER_AND_WORSE = Feedback(
    torch.tensor([-0.4, -0.9]).double(), torch.tensor([-0.7, -0.5]).double(), torch.full((1,), torch.nan)
)


def seen(net):
    trial, start, perturbation = experiences(1)[0]
    return simulate(net, trial.inputs, start, perturbation)


@pytest.mark.parametrize("variant", [ON, OFF], ids=["on", "off"])
def test_the_update_equals_the_slow_loop(variant):
    net = network(variant)
    state, rate = (part for part in seen(net)[:2])
    found, memory = exploratory_hebb.update(PARAMS, net, (), seen(net), BETTER_AND_WORSE)
    exact = torch.zeros_like(net.weights)
    for i in range(UNITS):
        for j in range(UNITS):
            trace = total = 0.0
            for t in range(STEPS):
                if t >= 2:
                    total += 0.5 * (state[0, t + 1, i] - trace) * rate[0, t, j]
                trace = 0.6 * trace + 0.4 * state[0, t + 1, i]
            exact[0, i, j] = 0.0 if net.clamped[i] else max(-0.02, min(0.02, 0.3 * total))
    torch.testing.assert_close(found, exact, rtol=1e-10, atol=1e-14)
    assert (found[1] == 0).all(), "the second reward is below its baseline"
    assert 0.05 < (found[0].abs() == 0.02).double().mean() < 0.95
    assert memory == ()
    assert BATCH == 2


def test_the_sum_is_minus_the_eligibility_of_theta_11():
    net = network(ON)
    free = PARAMS._replace(clip=float("inf"))
    theta = torch.zeros(2, 2, dtype=DOUBLE)
    theta[1, 1] = 1
    params = rule(OFF, 1).params._replace(theta=theta, trace_decay=0.6, time_step=0.5, onset=2)
    change, _ = polynomial.deviation(params, polynomial.init(params, net), seen(net))
    eligibility = polynomial.eligibility(params, net, change, seen(net).rate)
    found = exploratory_hebb.update(free, net, (), seen(net), BETTER_AND_WORSE)[0]
    torch.testing.assert_close(found[0], -0.3 * eligibility[0], rtol=1e-10, atol=1e-14)


def test_a_reward_that_is_its_baseline_teaches_nothing():
    net, same = network(OFF), torch.full((BATCH,), -0.5, dtype=DOUBLE)
    feedback = Feedback(same, same, torch.zeros(1))
    assert (exploratory_hebb.update(PARAMS, net, (), seen(net), feedback)[0] == 0).all()


def test_where_states_rest_but_for_small_perturbations_its_mean_update_is_along_the_gradient():
    """E[M e] = E[e (1 + sign(g.xi)) / 2], where e and the change of reward, g.xi, are linear in normal perturbations.

    Two clamped units, without effect as yet, and two free ones with readouts of either sign: what rests, rests at zero.
    """
    draws, size, steps = 20_000, 0.01, 6
    clamped = torch.tensor([True, True, False, False])
    level = torch.tensor([1.0, -0.6, 0.0, 0.0], dtype=DOUBLE)
    readout = torch.tensor([[[0.0, 0.0, 1.0, -0.5]]], dtype=DOUBLE).expand(draws, -1, -1)
    nothing = torch.zeros(draws, steps, 4, dtype=DOUBLE)
    net = Network(nothing[:, :4], nothing[:, :4, :1], readout, clamped, level, 0.4)
    window = torch.full((draws, steps), 1 / steps, dtype=DOUBLE)
    trial_type = torch.zeros(draws, dtype=torch.int64)
    trial = Trial(nothing[..., :1], 0.9 + nothing[..., :1], window, trial_type, "squared")
    perturbation = size * torch.randn(nothing.shape, dtype=DOUBLE, generator=torch.Generator().manual_seed(4))
    quiet = simulate(net, trial.inputs, level.expand(draws, -1), nothing)
    usual, slope = reward(trial, quiet.output)
    noisy = simulate(net, trial.inputs, level.expand(draws, -1), perturbation)
    feedback = Feedback(reward(trial, noisy.output)[0], usual, torch.zeros(1))
    params = ExploratoryHebb(1.0, 0.9, float("inf"), 1.0, 0)
    update = exploratory_hebb.update(params, net, (), noisy, feedback)[0]
    exact, mean = reward_gradient(net, quiet, slope)[0], update.mean(0)
    cosine = (mean * exact).sum() / (mean.norm() * exact.norm())
    assert cosine > 0.98
    assert mean.norm() > 20 * update.std(0).norm() / draws**0.5
