"""The synapse's own weight as a factor of its eligibility; exactness is in the variants "own weight" of other tests."""

import pytest
import torch

from core.settings import DOUBLE, KINDS, ON, experiences, network, rule
from core.test_reverse import by_autograd, found
from core.test_tangents import VARIANTS, reference, relative, run
from threefactor.derivatives import two_pass
from threefactor.learning_rules import polynomial
from threefactor.learning_rules.weight_dependence import weight_dependence
from threefactor.training.trial import learn, start_learning

OPTIONS = VARIANTS["all on, own weight"]


def test_a_factor_of_one_gives_the_same_bits_as_none():
    plain = rule(ON, 3)
    one = plain._replace(params=plain.params._replace(hyperparameters=("weight_linear", "weight_quadratic")))
    learners = [start_learning(learned, network(ON), KINDS) for learned in (plain, one)]
    assert polynomial.weight_factor(plain.params, learners[0].network) is None
    assert (polynomial.weight_factor(one.params, learners[1].network).factor == 1).all()
    for sampled in experiences(6):
        learners = [
            learn(learned, before, *sampled)[0]
            for learned, before in zip((plain, one), learners, strict=True)
        ]
        assert torch.equal(learners[0].network.weights, learners[1].network.weights)
    assert not torch.equal(learners[0].network.weights, network(ON).weights)


def test_both_signs_take_part_and_some_updates_are_clipped():
    options = OPTIONS | {"weight_decay": 0.0}  # with it, an update is a clipped change less the decay
    *_, updates, learner = run(two_pass.jvp, options, 2, trials=6)
    factor = polynomial.weight_factor(rule(options, 2).params, learner.network).factor
    assert factor.min() < 0 < factor.max()
    clipped = updates[3:].abs() == ON["clip"]
    assert 0.02 < clipped.double().mean() < 0.98


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


def test_a_forgotten_slope_is_seen(monkeypatch):
    """Without f'∘U∘e the comparisons with autograd would fail, forwards and in reverse."""
    run, theta = reference(OPTIONS, 2, trials=14)
    forward = torch.func.jacfwd(lambda value: run(value).reward)(theta).flatten(-2)
    learned, sampled = rule(OPTIONS, 2), experiences(14)
    backward = by_autograd(OPTIONS, learned, sampled)[0]

    def errors():
        rho = run(two_pass.jvp, OPTIONS, 2, trials=14)[0]
        return relative(rho, forward), relative(found(OPTIONS, learned, sampled).gradient, backward)

    assert max(errors()) < 1e-10
    flat = lambda *arguments: weight_dependence(*arguments)._replace(slope=torch.zeros_like(arguments[-1]))  # noqa: E731
    monkeypatch.setattr(polynomial, "weight_dependence", flat)
    assert min(errors()) > 1e-4
