"""Small networks, and the gradients of their outputs as autograd finds them."""

import torch
from torch.func import jacrev

import references
from network_options import options_network
from random_numbers import noise
from small_runs import BATCH, INPUTS, STEPS
from threefactor.analysis.landscape.tangent_kernel import output_gradients
from threefactor.training.batch import convert, select

TYPES = 3
AT = torch.tensor([1, 4, 6])
"""Steps after which outputs count."""


def made(*case):
    return convert(options_network(*case), dtype=torch.float64)


def trials():
    return noise(TYPES, STEPS, INPUTS, seed=5)


def outputs(network, weights):
    """Return the outputs (b, q) of trials from rest, simulated unit by unit."""
    parts = []
    for y in range(TYPES):
        start = network.clamped_state.expand(BATCH, -1)
        inputs, rest = trials()[y].expand(BATCH, -1, -1), start.new_zeros(BATCH, STEPS, start.shape[1])
        states = references.simulate(network, weights, inputs, start, rest)
        rates = torch.stack([references.RATES[network.activation](x) for x in states[1:]], 1)
        parts.append((rates @ network.output_weights.mT)[:, AT])
    return torch.stack(parts, 1).flatten(1)


def gradients(network):
    """Return the gradients of the outputs with respect to synapses that exist, (b, q, i, j)."""
    jacobian = jacrev(lambda weights: outputs(network, weights))(network.weights)
    own = torch.stack([jacobian[b, :, b] for b in range(BATCH)])
    return own if network.exists is None else own * network.exists[:, None]


def kernel(network):
    """Return the tangent kernel of the outputs, b q q, from the gradients of each network."""
    parts = [select(network, slice(one, one + 1)) for one in range(len(network.weights))]
    found = [output_gradients(one, trials(), AT).flatten(1) for one in parts]
    return torch.stack([gradient @ gradient.T for gradient in found])
