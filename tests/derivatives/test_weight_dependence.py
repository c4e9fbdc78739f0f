"""The derivatives of the weight-dependent factor; through learning they are in the variants of other tests."""

import torch

from derivatives.tangents import run
from small_runs import DOUBLE, ON, TRIAL_TYPES, VARIANTS, experiences, network, relative, rule
from threefactor.derivatives import two_pass, weight_dependence
from threefactor.learning_rules import polynomial
from threefactor.training.trial import learn, start_learning

OPTIONS = VARIANTS["all on, weight-dependent"]


def test_both_signs_take_part_and_some_updates_are_clipped():
    options = OPTIONS | {"weight_decay": 0.0}  # with it, an update is a clipped change less the decay
    *_, updates, learner = run(two_pass.jvp, options, 2, trials=6)
    factor = polynomial.weight_factor(rule(options, 2).params, learner.network).factor
    assert factor.min() < 0 < factor.max()
    clipped = updates[3:].abs() == ON["clip"]
    assert 0.02 < clipped.double().mean() < 0.98


def test_jvp_and_vjp_equal_autograd():
    """Of f∘e, along a weight tangent and the tangent of e; without the slope of f both would be far off."""
    learned, experience = rule(OPTIONS, 2), experiences(1)[0]
    learner = start_learning(learned, network(OPTIONS), TRIAL_TYPES)
    _, outcome = learn(learned, learner, *experience)
    weights = learner.network.weights
    draw = {"generator": torch.Generator().manual_seed(3), "dtype": DOUBLE}
    tangent, z = (torch.randn(2, 9, 5, 5, **draw) for _ in range(2))
    change, _ = polynomial.deviation(learned.params, learner.memory, outcome.trajectory)
    e = polynomial.eligibility(learned.params, learner.network, change, outcome.trajectory.rate)
    adjoint = torch.randn(2, 5, 5, **draw)

    def product(weights, e):
        return polynomial.weight_factor(learned.params, learner.network._replace(weights=weights)).factor * e

    exact = torch.stack(
        [torch.func.jvp(product, (weights, e), (tangent[:, p], z[:, p]))[1] for p in range(9)], 1
    )
    value, found = weight_dependence.jvp(learned, learner, outcome, tangent, e, z.clone())
    torch.testing.assert_close(value, product(weights, e))
    assert relative(found, exact) < 1e-12
    still = weight_dependence.jvp(learned, learner, outcome, torch.zeros_like(tangent), e, z.clone())[1]
    assert relative(still, exact) > 1e-4
    onto_weights = torch.func.vjp(product, weights, e)[1](adjoint)[0]
    dependence = polynomial.weight_factor(learned.params, learner.network)
    onto_factor, found = weight_dependence.vjp(
        dependence, learned.params, learner, outcome.trajectory, adjoint
    )
    torch.testing.assert_close(onto_factor, adjoint * e)
    assert relative(found, onto_weights) < 1e-12
    assert onto_weights.norm() > 0
