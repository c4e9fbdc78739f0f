"""Parts of a batch."""

from typing import NamedTuple

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


class Memory(NamedTuple):
    sign: torch.Tensor  # named like what all networks share
    parts: dict


def test_every_tensor_of_a_memory_is_that_of_the_networks_that_are_left():
    x = torch.arange(12.0).reshape(4, 3)
    memory = Memory(x, {"e": [x + 1, (x + 2, 7, "name", None)]})
    part = convert(select(memory, torch.tensor([3, 1])), dtype=torch.float64)
    (first, (second, *rest)) = part.parts["e"]
    for found, whole in ((part.sign, x), (first, x + 1), (second, x + 2)):
        assert torch.equal(found, whole[[3, 1]].double())
    assert rest == [7, "name", None]
