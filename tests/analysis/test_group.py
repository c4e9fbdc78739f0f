"""Networks that are analysed together, and the moments of a trial."""

import torch

from small_runs import ON, network
from threefactor.analysis.group import joined, moments
from threefactor.training.batch import select


def test_moments_are_the_ends_of_intervals_and_know_periods():
    at = moments(100, 10.0, 20.0)
    assert at.time.tolist() == [20.0 * k for k in range(1, 51)]
    assert at.time[at.within((200.0, 400.0))].tolist() == [220.0 + 20 * k for k in range(10)]
    assert not at.within(None).any()
    assert moments(10, 10.0, 3.0).step.tolist() == list(range(10))


def test_batches_are_joined_with_what_only_some_networks_have():
    net = network(ON)
    net = net._replace(exists=net.weights > 0, feedback_weights=net.output_weights.mT.clone())
    found = joined([select(net, slice(1, 2)), select(net, slice(0, 1))])
    for name in ("weights", "output_weights", "exists", "feedback_weights"):
        assert torch.equal(getattr(found, name), getattr(net, name).flip(0)), name
    assert joined([network(ON), network(ON)]).feedback_weights is None
