"""Small networks with other activations and with synapses that constrain their weights."""

import torch

from small_runs import OFF, ON, STEPS, UNITS, experiences, network, rule
from threefactor import seeding
from threefactor.network.perturbation import draw_gaussian

TRIALS, DEGREE = 14, 2
CASES = {
    "relu": (ON, "relu", "dense", "graded"),
    "softplus, some synapses": (OFF, "softplus", "sparse", "squared"),
    "tanh, Dale": (ON, "tanh", "dale", "squared"),
    "relu, some synapses, Dale": (OFF, "relu", "sparse dale", "correct"),
    "softplus, Dale, weight-dependent": (
        {**ON, "carry_trace": False, "weight_linear": -1.2, "weight_quadratic": 0.3},
        "softplus",
        "dale",
        "graded",
    ),
}


def options_network(options, phi, connectivity):
    """Return small networks; under Dale's law with many weights so small that learning runs into zero."""
    net = network(options)._replace(activation=phi)
    weights = net.weights
    exists = torch.rand(weights.shape, generator=torch.Generator().manual_seed(8)) < 0.6
    sign = torch.tensor([1, 1, 0, -1, -1], dtype=torch.int8)
    if "dale" in connectivity:
        small = torch.arange(UNITS) % 2 == 0
        weights = torch.where(sign != 0, sign * weights.abs(), weights)
        weights = torch.where(small[:, None], 0.005 * weights, weights)
        net = net._replace(sign=sign)
    if "sparse" in connectivity:
        weights, net = weights * exists, net._replace(exists=exists)
    return net._replace(weights=weights)


def noisy_trials(net, reward):
    """Return trials with continuous noise."""
    source = seeding.generator(3, "noise")
    trials = experiences(TRIALS, reward=reward)
    return [one._replace(perturbation=draw_gaussian(net, STEPS, 0.2, generator=source)) for one in trials]


def drawn(case):
    """Return rule, networks and trials of a case."""
    options, phi, connectivity, reward = CASES[case]
    net = options_network(options, phi, connectivity)
    return rule(options, DEGREE), net, noisy_trials(net, reward)
