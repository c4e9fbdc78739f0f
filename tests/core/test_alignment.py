"""Expected updates: against loops by hand, and against truths that are known."""

import pytest
import torch

from dnms_run import environment, networks, noise, theta33
from small_runs import DOUBLE
from threefactor.analysis.gradients.line_search import step_along
from threefactor.analysis.gradients.update_alignment import across_blocks, align, shuffled
from threefactor.contract import Rule
from threefactor.learning_rules.monomials import monomials
from threefactor.network.bptt import reward_gradient
from threefactor.network.simulate import simulate
from threefactor.tasks.reward import reward
from threefactor.training.batch import convert
from threefactor.training.environment import experience
from threefactor.training.expected_update import Draws, expected, steepest
from threefactor.training.trial import learn, start_learning

DRAWS = Draws(burn_in=4, blocks=2, trials=3, quiet=2)
TRIAL_TYPES = 4


def doubled(count):
    return convert(networks(count), dtype=DOUBLE)


def test_expected_update_is_the_mean_over_the_trials_of_a_block_and_type():
    """Against one call of the rule per trial, the weights being put back by hand."""
    net, rule, surroundings = networks(2), theta33()._replace(warm_up=0), environment()
    rules = {"theta_33": theta33(), "steepest": steepest(0.7)}
    found = expected(rules, net, surroundings, DRAWS, quiet=["steepest"], generator=noise)
    learner, updates, slopes, rewards = start_learning(rule, net, TRIAL_TYPES), [], [], []
    for h in range(DRAWS.burn_in + DRAWS.blocks * DRAWS.trials * TRIAL_TYPES):
        learner, outcome = learn(rule, learner, *experience(surroundings, net, h, generator=noise(h)))
        learner = learner._replace(network=net)
        updates.append(outcome.update)
        slopes.append(reward_gradient(net, outcome.trajectory, outcome.feedback.output_gradient))
        rewards.append(outcome.feedback.reward)
    shape = (DRAWS.blocks, DRAWS.trials, TRIAL_TYPES)
    by_hand = torch.stack(updates[DRAWS.burn_in :]).unflatten(0, shape)
    torch.testing.assert_close(found.update["theta_33"], by_hand.mean(1))
    quiet = torch.stack(slopes[DRAWS.burn_in :]).unflatten(0, shape)[:, : DRAWS.quiet]
    torch.testing.assert_close(found.update["steepest"], quiet.mean(1))
    torch.testing.assert_close(
        found.reward, torch.stack(rewards[DRAWS.burn_in :]).unflatten(0, shape).mean((0, 1))
    )
    assert found.update["theta_33"].abs().max() > 0


def test_a_rule_does_not_notice_the_others():
    net, surroundings = networks(2), environment()
    other = theta33()._replace(params=theta33().params._replace(carry_trace=True))
    alone = expected({"a": theta33()}, net, surroundings, DRAWS, generator=noise).update["a"]
    beside = expected({"b": other, "a": theta33()}, net, surroundings, DRAWS, generator=noise).update["a"]
    torch.testing.assert_close(alone, beside, rtol=0, atol=0)


def test_the_gradient_is_aligned_with_itself_and_opposed_to_its_opposite():
    g = torch.Generator().manual_seed(1)
    gradient = torch.randn(5, 3, 7, 7, generator=g, dtype=DOUBLE)
    same, opposite = align(2 * gradient, gradient), align(-gradient, gradient)
    ones = torch.ones(3, dtype=DOUBLE)
    torch.testing.assert_close(same.cosine, ones)
    torch.testing.assert_close(same.norm_ratio, 2 * ones)
    torch.testing.assert_close(same.sign_agreement, ones.float(), check_dtype=False)
    torch.testing.assert_close(opposite.cosine, -ones)
    assert opposite.sign_agreement.max() == 0


def test_products_of_different_blocks_have_no_noise_in_common():
    """Updates and gradients that share their noise: the plain product is biased, that across blocks is not."""
    g = torch.Generator().manual_seed(2)
    truth = torch.randn(400, 9, 9, generator=g)
    common = 5.0 * torch.randn(8, 400, 9, 9, generator=g)
    u, v = (truth + common).flatten(2), (truth - common).flatten(2)
    wanted = truth.flatten(1).square().sum(1).mean().item()
    found = across_blocks(u, v)
    error = found.std().item() / 400**0.5
    assert found.mean().item() == pytest.approx(wanted, abs=4 * error)
    plain = (u.mean(0) * v.mean(0)).sum(1).mean().item()
    assert abs(plain - wanted) > 10 * error


def test_blocks_that_share_a_running_baseline_are_left_out():
    """Noise of which each block takes back a part in the next, as a running mean does: neighbours are anticorrelated."""
    g = torch.Generator().manual_seed(5)
    truth = torch.randn(300, 9, 9, generator=g)
    noise = 4.0 * torch.randn(9, 300, 9, 9, generator=g)
    u = (truth + noise[1:] - 0.5 * noise[:-1]).flatten(2)
    found = across_blocks(u, u)
    wanted, error = truth.flatten(1).square().sum(1).mean().item(), found.std().item() / 300**0.5
    assert found.mean().item() == pytest.approx(wanted, abs=4 * error)
    others = ((u.sum(0) ** 2).sum(1) - (u * u).sum((0, 2))) / (8 * 7)
    assert others.mean().item() < wanted - 10 * error


def test_noise_shrinks_the_cosine_and_is_corrected():
    """Truth 1: the noisy update's cosine is small; over the root of both signals it is 1 again."""
    g = torch.Generator().manual_seed(2)
    truth = torch.randn(200, 9, 9, generator=g)
    update = truth + 6.0 * torch.randn(16, 200, 9, 9, generator=g)
    gradient = truth + 2.0 * torch.randn(16, 200, 9, 9, generator=g)
    found = align(update, gradient)
    assert found.cosine.mean() < 0.7
    corrected = found.overlap.mean() / (found.signal.mean() * found.other_signal.mean()).sqrt()
    assert corrected.item() == pytest.approx(1, abs=0.05)
    assert found.cosine.std().item() == pytest.approx(found.standard_error.mean().item(), rel=0.3)


def test_shuffling_keeps_entries_and_rank_and_loses_the_direction():
    g = torch.Generator().manual_seed(4)
    row, column = (torch.randn(2, 3, 20, 1, generator=g) for _ in range(2))
    update = row @ column.mT
    free = torch.ones(20, dtype=torch.bool).index_fill(0, torch.tensor([1, 7]), False)
    update = update * free[:, None]
    moved = shuffled(update, free, generator=g)
    torch.testing.assert_close(moved.flatten(1).sort().values, update.flatten(1).sort().values)
    assert (moved[:, :, ~free] == 0).all()
    assert torch.linalg.matrix_rank(moved[0, 0]) == 1
    assert align(moved, update).cosine.abs().max() < 0.6


def test_polynomial_rules_are_sums_of_their_monomials():
    """Without a clip: E[dW] of theta is sum theta_kl of the monomials' own, block by block."""
    net, surroundings = doubled(2), environment()
    theta = torch.zeros(4, 4, dtype=DOUBLE)
    theta[3, 3], theta[1, 2] = -1.0, 0.3
    params = theta33().params._replace(theta=theta, clip=float("inf"))
    rule = Rule("polynomial", params, theta33().init, theta33().update, 0.7, 0)
    single = monomials(rule, [(3, 3), (1, 2)])
    found = expected({"whole": rule, **single}, net, surroundings, DRAWS, generator=noise).update
    torch.testing.assert_close(found["whole"], -found["term_33"] + 0.3 * found["term_12"])
    assert found["term_12"].abs().max() > 0


def test_small_steps_change_the_reward_as_the_gradient_predicts():
    net, surroundings = doubled(3), environment()
    trials = 5
    slopes, rewards = [], []
    for h in range(trials):
        sampled = experience(surroundings, net, h, generator=noise(h))
        trajectory = simulate(net, sampled.trial.inputs, sampled.start, sampled.perturbation)
        earned, onto_output = reward(sampled.trial, trajectory.output)
        slopes.append(reward_gradient(net, trajectory, onto_output))
        rewards.append(earned)
    gradient = torch.stack(slopes).mean(0)
    up = step_along(net, gradient, [1e-6, 1e-5, 0.3], surroundings, trials, generator=noise)
    torch.testing.assert_close(up.change[0], up.predicted[0], rtol=1e-3, atol=0)
    size = net.weights.flatten(1).norm(dim=1)
    torch.testing.assert_close(up.predicted[1], 1e-5 * size * gradient.flatten(1).norm(dim=1))
    assert (up.change[0] > 0).all()
    assert ((up.change[2] / up.predicted[2] - 1).abs() > 0.1).all(), "a long step leaves the linear range"
    down = step_along(net, -3 * gradient, [1e-5], surroundings, trials, generator=noise)
    torch.testing.assert_close(down.predicted[0], -up.predicted[1])
    unit = size / gradient.flatten(1).norm(dim=1)
    moved = net._replace(weights=net.weights + 0.3 * unit[:, None, None] * gradient)
    sampled = [experience(surroundings, net, h, generator=noise(h)) for h in range(trials)]
    after = [
        reward(x.trial, simulate(moved, x.trial.inputs, x.start, x.perturbation).output)[0] for x in sampled
    ]
    difference = torch.stack(after) - torch.stack(rewards)
    torch.testing.assert_close(up.change[2], difference.mean(0))
    torch.testing.assert_close(up.standard_error[2], difference.std(0) / trials**0.5)
