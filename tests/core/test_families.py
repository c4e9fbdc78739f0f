"""Rules as functions under the states that are visited, and the span of the weight tangents."""

import math

import pytest
import torch

from core.test_estimators import source
from small_runs import DOUBLE, OFF, ON, TRIAL_TYPES, experiences, network, rule
from threefactor.analysis.families import visited
from threefactor.derivatives import subspace
from threefactor.kernels.standardise import Standard, standardise
from threefactor.learning_rules.polynomial import deviation
from threefactor.metalearning.trial_record import carry, run_trials
from threefactor.training.trial import learn, start_learning


@pytest.mark.parametrize("standard", [None, Standard(0.5, 0.6, 0.1)])
def test_products_of_rules_are_means_over_all_synapses_and_times(standard):
    learned, sampled = rule(ON, 2), experiences(6)
    seen = learned.params._replace(standard=standard)
    thetas = torch.randn(3, 3, 3, generator=source(), dtype=DOUBLE)
    learner = start_learning(learned, network(ON), TRIAL_TYPES)
    both = visited.moments(learned, learner, sampled, [learned.params, seen], 2, [range(2), range(3, 6)])
    found = [step_weight[1] for step_weight in both]
    values = []
    for experience in sampled:
        before = learner
        learner, outcome = learn(learned, learner, *experience)
        change, _ = deviation(learned.params, before.memory, outcome.trajectory)
        change = change if standard is None else standardise(change, standard).values
        grown = torch.zeros(3, 2, 7, 5, 5, dtype=DOUBLE)
        for k in range(3):
            for l in range(3):
                pair = change[..., :, None] ** l * outcome.trajectory.rate[..., None, :] ** k
                grown += thetas[:, k, l][:, None, None, None, None] * pair
        values.append(grown[:, :, learned.params.onset :, ~before.network.clamped].flatten(1))
    for step_weight, mark in zip(found, (range(2), range(3, 6)), strict=True):
        h = torch.cat([values[n] for n in mark], 1)
        torch.testing.assert_close(
            visited.products(thetas, step_weight), h @ h.T / h.shape[1], rtol=1e-10, atol=1e-13
        )
    assert (found[0] - found[1]).abs().max() > 1e-3


def test_a_network_that_is_not_finite_is_left_out():
    rate, change = torch.rand(2, 4, 3, dtype=DOUBLE), torch.rand(2, 4, 2, dtype=DOUBLE)
    whole = visited.of_trial(rate, change, 1, 1)
    rate[0, 2, 1] = torch.nan
    torch.testing.assert_close(visited.of_trial(rate, change, 1, 1), whole[1:])


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
