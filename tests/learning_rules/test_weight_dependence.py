"""The weight-dependent factor of a synapse's eligibility."""

import pytest
import torch

from small_runs import DOUBLE, ON, TRIAL_TYPES, experiences, network, rule
from threefactor.learning_rules import polynomial
from threefactor.learning_rules.weight_dependence import weight_dependence
from threefactor.training.trial import learn, start_learning


def test_a_factor_of_one_gives_the_same_bits_as_none():
    plain = rule(ON, 3)
    one = plain._replace(params=plain.params._replace(hyperparameters=("weight_linear", "weight_quadratic")))
    learners = [start_learning(learned, network(ON), TRIAL_TYPES) for learned in (plain, one)]
    assert polynomial.weight_factor(plain.params, learners[0].network) is None
    assert (polynomial.weight_factor(one.params, learners[1].network).factor == 1).all()
    for sampled in experiences(6):
        learners = [
            learn(learned, before, *sampled)[0]
            for learned, before in zip((plain, one), learners, strict=True)
        ]
        assert torch.equal(learners[0].network.weights, learners[1].network.weights)
    assert not torch.equal(learners[0].network.weights, network(ON).weights)


def test_over_weights_of_the_unit_the_mean_is_one_and_slopes_are_those_of_differences():
    weights = torch.randn(1, 40, 40, dtype=DOUBLE, generator=torch.Generator().manual_seed(3))
    weights = 0.2 * (weights - weights.mean()) / (weights - weights.mean()).square().mean().sqrt()
    linear, quadratic, step = 0.7, -0.4, 1e-6
    found_ = weight_dependence(linear, quadratic, 0.2, weights)
    assert found_.factor.mean().item() == pytest.approx(1, abs=1e-12)

    def rise(a, b, w):
        up, down = (
            weight_dependence(linear + s * a, quadratic + s * b, 0.2, weights + s * w).factor for s in (1, -1)
        )
        return (up - down) / (2 * step)

    torch.testing.assert_close(found_.slope, rise(0, 0, step), rtol=1e-6, atol=1e-8)
    torch.testing.assert_close(found_.linear, rise(step, 0, 0), rtol=1e-6, atol=1e-8)
    torch.testing.assert_close(found_.quadratic, rise(0, step, 0), rtol=1e-6, atol=1e-8)
