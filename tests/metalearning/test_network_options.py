"""Estimators where synapses constrain the weights."""

import torch

import references
from network_options import TRIALS, drawn
from small_runs import TRIAL_TYPES, relative
from threefactor import seeding
from threefactor.metalearning.estimators import pathwise, score_local
from threefactor.metalearning.estimators import reverse as estimator
from threefactor.metalearning.trial_record import Noise, run_trials
from threefactor.training.batch import with_weights
from threefactor.training.trial import learn, start_learning


def test_exact_estimators_hold_noisy_weights_too():
    """Noise of the weights is held as updates are: pathwise and reverse are the gradient under the same noise."""
    learned, net, sampled = drawn("tanh, Dale")
    sigma, theta = 0.002, learned.params.theta.clone().requires_grad_()
    learner = start_learning(learned, net, TRIAL_TYPES)
    found = [
        one.estimate(learned, learner, sampled, noise=Noise(sigma), generator=seeding.generator(4, "weights"))
        for one in (pathwise, estimator)
    ]
    drawn_noise = [
        one.drawn
        for one in run_trials(learned, learner, sampled, sigma, generator=seeding.generator(4, "weights"))
    ]
    moving = learned._replace(params=learned.params._replace(theta=theta))
    rewards = []
    for experience, noise in zip(sampled, drawn_noise, strict=True):
        awake = learner.trials >= learned.warm_up
        learner, outcome = learn(moving, learner, *experience)
        if noise is not None:
            noisy = references.held(net, learner.network.weights + sigma * noise)
            learner = with_weights(learner, noisy)
        if awake:
            rewards.append(outcome.feedback.reward)
    means = torch.stack(rewards).mean(0)
    exact = torch.stack([torch.autograd.grad(one, theta, retain_graph=True)[0].flatten() for one in means])
    assert (learner.network.weights == 0).any()
    for one in found:
        assert relative(one.gradient, exact) < 1e-10


def test_the_local_slope_is_that_of_the_held_update():
    """Against autograd of the weights after one trial at fixed weights before it."""
    learned, net, sampled = drawn("tanh, Dale")
    learner = start_learning(learned, net, TRIAL_TYPES)
    for h, experience in enumerate(sampled):
        theta = learned.params.theta.clone().requires_grad_()
        moving = learned._replace(params=learned.params._replace(theta=theta))
        after, outcome = learn(moving, learner, *experience)
        if h == TRIALS - 1:
            probe = torch.randn(net.weights.shape, generator=torch.Generator().manual_seed(1)).double()
            found = (score_local.slope(learned, learner, outcome) * probe[:, None]).sum((2, 3))
            seen = (after.network.weights * probe).sum((1, 2))
            exact = torch.stack(
                [torch.autograd.grad(one, theta, retain_graph=True)[0].flatten() for one in seen]
            )
            assert relative(found, exact) < 1e-10
        learner = learn(learned, learner, *experience)[0]
