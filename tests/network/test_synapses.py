"""Weights that synapses allow."""

import torch

import references
from network_options import options_network
from small_runs import BATCH, OFF, UNITS, network
from threefactor.network import synapses


def test_holding_leaves_what_it_made_and_hands_on_what_is_not_a_number():
    net = options_network(OFF, "tanh", "sparse dale")
    wild = torch.randn(BATCH, UNITS, UNITS, generator=torch.Generator().manual_seed(2)).double()
    held = synapses.hold(net, wild)
    assert torch.equal(synapses.hold(net, held), held)
    assert torch.equal(synapses.held(net, held), synapses.held(net, wild))
    assert torch.equal(held, references.held(net, wild))
    diverged = synapses.hold(net, wild * torch.nan)
    assert torch.equal(diverged.isnan(), net.exists)
    plain = network(OFF)
    assert synapses.hold(plain, wild) is wild
