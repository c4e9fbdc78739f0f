"""In a linear network RFLO changes the weights by a matrix of low rank (Williams et al. 2026, arXiv 2606.00243).

An update is ``D B^T (sum_t dR/dy[t] outer f[t+1])`` if D, the slopes of all units, does not depend on time. Its columns
are in the space of those of ``D B^T``, which has o dimensions. So are those of the sum of all updates, if B and D are the
same in all trials: ``rank(dW) <= o``. Linear units have D = 1. The activations here are linear where their states are.
"""

from functools import partial
from typing import NamedTuple

import pytest
import torch

from small_runs import OFF, OUTPUTS, TRIAL_TYPES, UNITS, experiences, network
from threefactor.contract import Rule
from threefactor.learning_rules import rflo
from threefactor.learning_rules.local_gradient import LocalGradient
from threefactor.network.bptt import reward_gradient
from threefactor.network.simulate import slope
from threefactor.training.trial import learn, start_learning

TRIALS = 6


class States(NamedTuple):
    """Where the states of a network are during its trials."""

    activation: str
    drive: float  # added to the input of every unit, and to its start
    size: float  # factor on inputs, perturbations and starts
    learning_rate: float  # by which the weights move, and stay finite


LINEAR = {
    "relu that is never silent": States("relu", 10.0, 1.0, 1e-4),
    "softplus far above zero": States("softplus", 200.0, 1.0, 1e-7),  # slope 1 - exp(-x), one to rounding
    "tanh close to zero": States("tanh", 0.0, 1e-9, 1e9),  # slope 1 - x², one to rounding
}
CURVED = {
    "relu that can be silent": States("relu", 0.0, 1.0, 1.0),
    "softplus about zero": States("softplus", 0.0, 1.0, 0.1),
    "tanh": States("tanh", 0.0, 1.0, 1.0),
}


def random_feedback(states, clip=float("inf")):
    """Return RFLO with fixed weights B."""
    source = torch.Generator().manual_seed(5)
    broadcast = torch.randn(OUTPUTS, UNITS, dtype=torch.float64, generator=source)
    params = LocalGradient(states.learning_rate, clip, broadcast)
    return Rule("rflo", params, rflo.init, rflo.update, 0.7, 0)


def gradient_ascent(states):
    """Return plain ascent of the gradient by BPTT; Adam, which scales each weight, would raise the rank by itself."""

    def update(rate, net, memory, trajectory, feedback):
        return rate * reward_gradient(net, trajectory, feedback.output_gradient), memory

    return Rule("bptt", states.learning_rate, lambda params, net: (), update, 0.7, 0)


def total_change(make_rule, states):
    """Return the sum of all updates of some trials, b i j, and whether every slope was one."""
    net = network({**OFF, "readout": "random"}, gain=0.5)._replace(activation=states.activation)
    rule = make_rule(states)
    learner, change, linear = start_learning(rule, net, TRIAL_TYPES), 0, True
    for trial, start, perturbation in experiences(TRIALS):
        scaled = trial._replace(inputs=states.size * trial.inputs)
        shifted = states.drive + states.size * start, states.drive + states.size * perturbation
        before = learner.network
        learner, outcome = learn(rule, learner, scaled, *shifted)
        change = change + outcome.update
        linear &= bool((slope(before, outcome.trajectory) == 1).all())
    moved = (learner.network.weights - net.weights).norm() / net.weights.norm()
    assert 0.02 < moved < 20, "later trials see other weights"
    return change, linear


def rank(change, smallest):
    """Return how many singular values exceed a fraction of the largest; b."""
    return torch.linalg.matrix_rank(change, rtol=smallest)


@pytest.mark.parametrize("states", LINEAR.values(), ids=LINEAR)
def test_in_a_linear_network_the_change_has_at_most_as_many_ranks_as_outputs(states):
    change, linear = total_change(random_feedback, states)
    assert linear
    # 1e-10: far above rounding, far below the singular values of all other changes here
    assert (rank(change, 1e-10) == OUTPUTS).all()
    change, linear = total_change(gradient_ascent, states)
    assert linear
    assert (rank(change, 1e-6) > OUTPUTS).all(), (
        "the gradient passes W^T, which leads out of the space of W_out^T"
    )


@pytest.mark.parametrize("states", CURVED.values(), ids=CURVED)
def test_slopes_that_change_in_time_add_ranks(states):
    change, linear = total_change(random_feedback, states)
    assert not linear
    assert (rank(change, 1e-3) > OUTPUTS).all()


def test_the_clip_adds_ranks_in_a_linear_network():
    states = LINEAR["relu that is never silent"]
    change, linear = total_change(partial(random_feedback, clip=0.003), states)
    assert linear
    assert (rank(change, 1e-3) > OUTPUTS).all()
