"""Parts of a batch."""

import torch

from dnms_run import environment, networks, noise
from threefactor.training.batch import convert, select
from threefactor.training.environment import experience


def test_select_leaves_what_is_common():
    net = networks(4)
    sampled = experience(environment(), net, 3, generator=noise(3))
    some = select(sampled, torch.tensor([True, False, True, False]))
    assert torch.equal(some.start, sampled.start[[0, 2]])
    assert some.trial.reward == "graded"
    part = select(net, torch.tensor([1]))
    assert torch.equal(part.clamped, net.clamped)
    assert torch.equal(part.weights, net.weights[1:2])


def test_feedback_weights_are_those_of_the_networks_that_are_left():
    net = networks(3)
    fed = net._replace(feedback_weights=net.output_weights.mT.clone())
    part = convert(select(fed, torch.tensor([2])), dtype=torch.float64)
    assert torch.equal(part.feedback_weights, fed.feedback_weights[2:].double())
    assert select(net, torch.tensor([2])).feedback_weights is None
