"""The exact estimators against autograd through learning."""

import pytest
import torch

import references
from metalearning.estimator_runs import ALL, SIGMA, source, truth_of
from small_runs import ON, TRIAL_TYPES, experiences, network, rule
from threefactor import seeding
from threefactor.metalearning.estimators import pathwise
from threefactor.metalearning.trial_record import Noise
from threefactor.training.batch import with_weights
from threefactor.training.trial import learn, start_learning


@pytest.mark.parametrize("name", ["pathwise", "reverse"])
def test_exact_estimators_equal_autograd_under_weight_noise(name):
    learned, sampled = rule(ON, 2), experiences(9)
    learner = start_learning(learned, network(ON), TRIAL_TYPES)
    found = ALL[name].estimate(learned, learner, sampled, noise=Noise(SIGMA), generator=source())
    torch.testing.assert_close(
        found.gradient, truth_of(learned, learner, sampled, SIGMA), rtol=1e-9, atol=1e-13
    )


@pytest.mark.parametrize("name", ["pathwise", "reverse"])
def test_truncated_estimators_see_the_updates_of_their_block_alone(name):
    """Autograd from a learner that is detached at the start of every block of trials."""
    learned, sampled, memory = rule(ON, 2), experiences(10), 3
    learner = start_learning(learned, network(ON), TRIAL_TYPES)
    found = ALL[name].estimate(learned, learner, sampled, noise=Noise(memory=memory), generator=source())
    theta = learned.params.theta.clone().requires_grad_()
    valued = learned._replace(params=learned.params._replace(theta=theta))
    rewards = []
    for one in sampled:
        if (learner.trials - learned.warm_up) % memory == 0:
            learner = with_weights(learner, learner.network.weights.detach())
            learner = learner._replace(memory=learner.memory.detach(), baseline=learner.baseline.detach())
        learner, outcome = learn(valued, learner, *one)
        rewards.append(outcome.feedback.reward)
    mean = torch.stack(rewards[learned.warm_up :]).mean(0)
    exact = torch.stack([torch.autograd.grad(m, theta, retain_graph=True)[0].flatten() for m in mean])
    torch.testing.assert_close(found.gradient, exact, rtol=1e-9, atol=1e-14)
    whole = ALL[name].estimate(
        learned, start_learning(learned, network(ON), TRIAL_TYPES), sampled, noise=Noise(), generator=source()
    )
    assert (whole.gradient - exact).norm() > 0.1 * exact.norm()


def test_pathwise_is_the_gradient_of_the_mean_reward():
    net, learned, sampled = network(ON), rule(ON, 2), experiences(12)
    found = pathwise.estimate(
        learned,
        start_learning(learned, net, TRIAL_TYPES),
        sampled,
        noise=Noise(),
        generator=seeding.generator(0, "none"),
    )
    theta = learned.params.theta.clone()

    def mean_reward(value):
        life = references.learn(value, learned, net, sampled, TRIAL_TYPES)
        return life.reward[learned.warm_up :].mean(0)

    exact = torch.func.jacfwd(mean_reward)(theta).flatten(1)
    torch.testing.assert_close(found.gradient, exact, rtol=1e-10, atol=1e-14)
    torch.testing.assert_close(found.objective, mean_reward(theta), rtol=1e-12, atol=1e-14)
    assert found.finite.all()
