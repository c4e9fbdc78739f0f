"""The scale of monomials, and mixtures of them that move the weights alike."""

import pytest
import torch

from dnms_run import environment, networks, noise
from metalearning.odd_rule import odd_rule
from small_runs import DOUBLE, OFF, network, rule
from threefactor import seeding
from threefactor.contract import Trial
from threefactor.metalearning.scaling import monomial_scale, orthonormal, scaling, update_size
from threefactor.network.perturbation import Sparse
from threefactor.training.environment import Environment


def test_scaled_monomials_move_the_weights_alike():
    """Each scaled monomial by itself makes weight changes of one size, that of theta_33 = 1."""
    terms = ((1, 1), (1, 3), (3, 1))
    net = networks(6)
    scale = monomial_scale(odd_rule([1.0, 1.0, 1.0], terms), net, environment(), generator=noise)
    tiny = 1e-4
    reference = update_size(odd_rule([tiny], ((3, 3),)), net, environment(), generator=noise)
    for term, factor in zip(terms, scale, strict=True):
        size = update_size(odd_rule([tiny * factor], (term,)), net, environment(), generator=noise)
        assert size == pytest.approx(reference, rel=0.35)  # per trial here, summed over trials there
    assert scale.max() / scale.min() > 3, "raw monomials must differ for the test to mean anything"


class Still:
    """A task that asks for nothing but one type of trial after the other."""

    steps, trial_types = 9, tuple("abcd")

    def draw(self, trial_type, **options):
        batch = len(trial_type)
        window = torch.full((batch, self.steps), 1 / self.steps, dtype=DOUBLE)
        target = torch.zeros(batch, self.steps, 2, dtype=DOUBLE)
        return Trial(torch.zeros(batch, self.steps, 3, dtype=DOUBLE), target, window, trial_type, "squared")


def source(h):
    return seeding.generator(3, "perturbations", h)


def test_orthonormal_coordinates_change_weights_alike():
    learned = rule(OFF, 3)
    made = scaling(learned, network(OFF), Environment(Still(), 0.3, Sparse(0.5, 0.2)), generator=source)
    assert torch.allclose(made.correlation.diagonal(), torch.ones(16, dtype=DOUBLE), atol=1e-6)
    correlation = torch.tensor([[1.0, 0.99], [0.99, 1.0]], dtype=DOUBLE)
    basis = orthonormal(correlation)
    assert torch.allclose(basis, basis.mT)
    assert torch.allclose(
        basis @ correlation @ basis, torch.eye(2, dtype=DOUBLE), atol=0.03
    )  # of the ridge, 1e-4 x 2 beside 0.01
