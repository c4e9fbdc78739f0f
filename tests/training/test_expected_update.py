"""Expected updates at fixed weights, against calls of the rules trial by trial."""

import pytest
import torch

from dnms_run import environment, networks, noise, theta33
from threefactor.declarations import ContractError
from threefactor.network.bptt import reward_gradient
from threefactor.training.environment import experience
from threefactor.training.expected_update import Draws, expected, steepest
from threefactor.training.trial import draw_exploration, learn, start_learning
from training.followed import exploring

DRAWS = Draws(burn_in=4, blocks=2, trials=3, quiet=2)


TRIAL_TYPES = 4


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


@pytest.mark.parametrize("of", ["weights", "outputs"])
def test_a_rule_that_explores_is_averaged_over_what_it_would_do_in_learning(of):
    """Against one trial after the other with its noise, and the baseline of the rewards that it gets with it."""
    net, rule, surroundings = networks(2), exploring(of), environment()
    rules = {"theta_33": theta33(), "weights": exploring("weights"), "outputs": exploring("outputs")}
    found = expected(rules, net, surroundings, DRAWS, generator=noise)
    learner, updates, rewards = start_learning(rule, net, TRIAL_TYPES), [], []
    for h in range(DRAWS.burn_in + DRAWS.blocks * DRAWS.trials * TRIAL_TYPES):
        source = noise(h)
        sampled = experience(surroundings, net, h, generator=source)
        explored = draw_exploration(rule, net, sampled.trial, generator=source)
        learner, outcome = learn(rule, learner, *sampled, explored)
        learner = learner._replace(network=net)
        updates.append(outcome.update)
        rewards.append(outcome.feedback.reward)
    shape = (DRAWS.blocks, DRAWS.trials, TRIAL_TYPES)
    by_hand = torch.stack(updates[DRAWS.burn_in :]).unflatten(0, shape)
    torch.testing.assert_close(found.update[of], by_hand.mean(1))
    with_noise = torch.stack(rewards[DRAWS.burn_in :]).unflatten(0, shape).mean((0, 1))
    assert (found.reward != with_noise).all(), "the reward that is reported is that of rules without noise"


def test_rules_that_explore_do_not_notice_each_other():
    net, surroundings = networks(2), environment()
    rules = {of: exploring(of) for of in ("weights", "outputs")}
    both = expected({"theta_33": theta33(), **rules}, net, surroundings, DRAWS, generator=noise).update
    for of, rule in rules.items():
        beside = expected({"theta_33": theta33(), of: rule}, net, surroundings, DRAWS, generator=noise).update
        torch.testing.assert_close(both[of], beside[of], rtol=0, atol=0)
        torch.testing.assert_close(both["theta_33"], beside["theta_33"], rtol=0, atol=0)


def test_a_rule_that_does_not_keep_to_its_contract_is_refused():
    net, surroundings = networks(2), environment()
    wrong = theta33()._replace(name="mine", update=lambda p, n, m, *_: (torch.zeros(1, 1, 1), m))
    with pytest.raises(ContractError, match=r"^learning rule 'mine': update = tensor of shape \(1, 1, 1\)"):
        expected({"theta_33": theta33(), "mine": wrong}, net, surroundings, DRAWS, generator=noise)
