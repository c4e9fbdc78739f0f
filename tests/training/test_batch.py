"""Parts of a batch."""

import torch

from dnms_run import environment, networks, noise
from threefactor.training.batch import select
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
