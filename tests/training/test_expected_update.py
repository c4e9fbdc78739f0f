"""Expected updates at fixed weights, against calls of the rules trial by trial."""

import torch

from dnms_run import environment, networks, noise, theta33
from threefactor.network.bptt import reward_gradient
from threefactor.training.environment import experience
from threefactor.training.expected_update import Draws, expected, steepest
from threefactor.training.trial import learn, start_learning

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
