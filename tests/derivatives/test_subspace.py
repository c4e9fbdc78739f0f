"""The subspace spanned by the weight tangents."""

import math

import pytest
import torch

from metalearning.estimator_runs import source
from small_runs import DOUBLE, OFF, TRIAL_TYPES, experiences, network, rule
from threefactor.derivatives import subspace
from threefactor.learning_rules.polynomial import deviation
from threefactor.metalearning.trial_record import carry, run_trials
from threefactor.training.trial import start_learning


def test_the_rank_counts_directions_not_terms():
    g = source()
    first, second = torch.randn(2, 4, 4, generator=g, dtype=DOUBLE)
    second -= (first * second).sum() / first.square().sum() * first
    collinear = torch.stack([first, -3 * first])[None]
    across = torch.stack([first, second * first.norm() / second.norm()])[None]
    one = torch.ones(2, dtype=DOUBLE)
    for measure in (subspace.participation_ratio, subspace.effective_rank):
        assert measure(subspace.gram(collinear, one)).item() == pytest.approx(1)
        assert measure(subspace.gram(across, one)).item() == pytest.approx(2)
    uneven = subspace.gram(across, torch.tensor([1.0, 0.5], dtype=DOUBLE))
    assert subspace.participation_ratio(uneven).item() == pytest.approx((1 + 0.25) ** 2 / (1 + 0.0625))
    shares = torch.tensor([2 / 3, 1 / 3])
    entropy = -(shares * shares.log()).sum().item()
    assert subspace.effective_rank(uneven).item() == pytest.approx(math.exp(entropy), rel=1e-6)
    assert subspace.participation_ratio(subspace.alone(uneven)).item() == pytest.approx(2)
    assert subspace.effective_rank(subspace.gram(0 * across, one)).isnan()


def test_early_tangents_span_what_basis_eligibilities_do_and_less_than_there_are_terms():
    """After one update the tangents are the basis eligibilities of one trial, but for a factor."""
    learned = rule(OFF, 2)
    learner = start_learning(learned, network(OFF), TRIAL_TYPES)
    steps = list(carry(learned, run_trials(learned, learner, experiences(5), 0.0, generator=source())))
    before, last = (subspace.gram(step.after.weight, torch.ones(9, dtype=DOUBLE)) for step in steps[-2:])
    assert subspace.effective_rank(before).isnan().all(), "the first trial of a type changes no weight"
    sampled = steps[-1].record
    rate, onset = sampled.outcome.trajectory.rate, learned.params.onset
    change, _ = deviation(learned.params, sampled.before.memory, sampled.outcome.trajectory)
    basis = torch.stack(
        [change[:, onset:].mT ** l @ rate[:, onset:] ** k for k in range(3) for l in range(3)], 1
    )
    values = torch.linalg.svdvals(basis.flatten(2))
    shares = values / values.sum(1, keepdim=True)
    ranks = subspace.effective_rank(last)
    torch.testing.assert_close(ranks, torch.exp(-(shares * shares.log()).sum(1)), rtol=1e-8, atol=0)
    assert (ranks < 5).all(), "of nine"
