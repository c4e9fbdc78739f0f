"""Small learning runs for estimators of the meta-gradient, and their exact gradient."""

import torch

from small_runs import DOUBLE, OFF, ON, TRIAL_TYPES, experiences, network
from threefactor import seeding
from threefactor.contract import Experience
from threefactor.metalearning.estimators import evolution, pathwise, reverse, score_local, score_total
from threefactor.training.batch import with_weights
from threefactor.training.trial import learn, start_learning

SIGMA = 0.02


SMOOTH = ON | {"clip": float("inf")}


SCORED = ("score_total", "score_local")


ALL = {
    "pathwise": pathwise,
    "reverse": reverse,
    "score_total": score_total,
    "score_local": score_local,
    "evolution": evolution,
}


def source(name="noise"):
    return seeding.generator(4, name)


def many(count, learned, trials):
    """Return one small network, `count` times over, with the same few trials of one type each."""
    net = network(OFF)
    matrices = ("weights", "input_weights", "output_weights")
    net = net._replace(**{name: getattr(net, name)[:1].repeat(count, 1, 1) for name in matrices})
    sampled = []
    for trial, start, perturbation in experiences(learned.warm_up + trials):
        trial_type = torch.zeros(count, dtype=torch.int64)
        copies = (x[:1].repeat(count, *[1] * (x.dim() - 1)) for x in (*trial[:3], start, perturbation))
        inputs, target, window, first, perturbation = copies
        sampled.append(
            (
                trial._replace(inputs=inputs, target=target, window=window, trial_type=trial_type),
                first,
                perturbation,
            )
        )
    return start_learning(learned, net, TRIAL_TYPES), [Experience(*parts) for parts in sampled]


def truth_of(learned, learner, sampled, sigma):
    """Return the exact gradient of each network, under fixed weight noise, in reverse mode through learning."""
    theta = learned.params.theta.clone().requires_grad_()
    valued = learned._replace(params=learned.params._replace(theta=theta))
    generator, rewards = source(), []
    for one in sampled:
        awake = learner.trials >= learned.warm_up
        learner, outcome = learn(valued, learner, *one)
        if awake:
            rewards.append(outcome.feedback.reward)
            drawn = torch.randn(outcome.update.shape, generator=generator, dtype=DOUBLE)
            learner = with_weights(learner, learner.network.weights + sigma * drawn)
    mean = torch.stack(rewards).mean(0)
    found = [torch.autograd.grad(m, theta, retain_graph=True)[0].flatten() for m in mean]
    return torch.stack(found)
