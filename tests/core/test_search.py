"""The search for rules: sparse ones, ones of low rank, and how they are scored on networks held out."""

import pytest
import torch

from core.test_metalearning import odd_rule
from dnms_run import environment, networks, noise
from small_runs import DOUBLE
from threefactor.metalearning import ascent, constraints, held_out, low_rank, proximal
from threefactor.metalearning.constraints import Constraint
from threefactor.training import learning_run as run
from threefactor.training.learning_run import Criterion

GRID = [(1, 1), (1, 3), (1, 5), (3, 1), (3, 3), (3, 5)]


def test_the_proximal_step_finds_the_soft_threshold_of_a_quadratic():
    """J = -sum h (x - a)^2 / 2 less w |x|_1 is largest at the soft threshold of a by w / h, whatever Adam's metric is."""
    curvature = torch.tensor([1.0, 2.0, 4.0, 0.5], dtype=DOUBLE)
    peak = torch.tensor([0.9, -0.6, 0.02, 0.3], dtype=DOUBLE)
    state = ascent.start_ascent(torch.tensor([-0.2, 0.3, 0.5, -0.4], dtype=DOUBLE), 0)
    held = Constraint(0, sparsity=0.2)
    for n in range(3000):
        state = constraints.ascend_within(state, curvature * (peak - state.theta), 0.05 / (1 + n / 30), held)
    exact = peak.sign() * (peak.abs() - 0.2 / curvature).clamp_min(0)
    assert (exact == 0).sum() == 2
    torch.testing.assert_close(state.theta, exact, rtol=0, atol=2e-3)
    assert (state.theta[2:] == 0).all(), "shrunk to nothing, not to little"


def test_sparsity_that_leaves_nothing_says_so():
    with pytest.raises(FloatingPointError, match="no term of theta is left"):
        proximal.shrink(torch.tensor([0.1, -0.2]), torch.tensor(0.3))


def test_without_sparsity_and_rank_a_step_is_adams():
    state = ascent.start_ascent(torch.tensor([0.5, -0.2, 0.1]), 0.65)
    gradient = torch.tensor([0.1, 0.3, -0.2])
    one, other = (
        ascent.ascend(state, gradient, 0.1),
        constraints.ascend_within(state, gradient, 0.1, Constraint(0.65)),
    )
    one = one._replace(theta=ascent.hold_norm(one.theta, 0.65))
    assert all(torch.equal(torch.as_tensor(x), torch.as_tensor(y)) for x, y in zip(one, other, strict=True))


def test_a_rule_of_rank_one_stays_one_while_it_is_learned():
    """The raw matrix is an outer product after every step and at rest, though its scaling is none."""
    g = torch.Generator().manual_seed(1)
    scale = 10 ** torch.randn(6, generator=g, dtype=DOUBLE)
    held = Constraint(0.65, rank=1, terms=tuple(GRID), scale=scale)
    theta = constraints.hold(torch.randn(6, generator=g, dtype=DOUBLE), held)
    state, iterates = ascent.start_ascent(theta, 0.65), []
    for _ in range(9):
        state = constraints.ascend_within(state, torch.randn(6, generator=g, dtype=DOUBLE), 0.1, held)
        iterates.append(state.theta)
    moved = (iterates[-1] - theta).norm()
    for found in (theta, *iterates, constraints.average_iterates(torch.stack(iterates), held)):
        values = torch.linalg.svdvals((found * scale).view(2, 3))
        assert values[1] < 1e-12 * values[0]
        assert found.norm().item() == pytest.approx(0.65)
    assert moved > 0.1
    values = torch.linalg.svdvals((torch.stack(iterates[-3:]).mean(0) * scale).view(2, 3))
    assert values[1] > 1e-6 * values[0], "the mean that settles is none"


def test_the_projection_leaves_what_has_the_rank_and_finds_the_nearest():
    outer = torch.outer(torch.tensor([1.0, -2.0], dtype=DOUBLE), torch.tensor([0.5, 1.0, 3.0], dtype=DOUBLE))
    units = torch.outer(torch.tensor([1.0, 10.0], dtype=DOUBLE), torch.tensor([1.0, 5.0, 0.1], dtype=DOUBLE))
    shuffle = torch.tensor([3, 0, 5, 1, 4, 2])
    terms = [GRID[n] for n in shuffle]
    theta = outer.flatten()[shuffle]
    found = low_rank.project(theta, terms, units.flatten()[shuffle], 1)
    torch.testing.assert_close(found, theta)
    dense = torch.tensor([1.0, 0.5, -0.3, 0.2, 2.0, 0.1], dtype=DOUBLE)
    u, s, v = torch.linalg.svd(dense.view(2, 3), full_matrices=False)
    nearest = s[0] * torch.outer(u[:, 0], v[0])
    torch.testing.assert_close(
        low_rank.project(dense, GRID, units.flatten(), 1).view(2, 3), nearest, rtol=1e-10, atol=1e-12
    )
    uneven = 10 ** torch.randn(6, generator=torch.Generator().manual_seed(2), dtype=DOUBLE)
    scaled = outer.flatten() / uneven
    torch.testing.assert_close(low_rank.project(scaled, GRID, uneven, 1), scaled, rtol=1e-10, atol=1e-12)
    with pytest.raises(ValueError, match="every pair of some k and some l"):
        low_rank.project(dense[:5], GRID[:5], units.flatten()[:5], 1)


def test_a_score_is_what_each_rule_does_alone_and_its_criterion_that_of_training():
    criterion = Criterion(6, 0.5, 0.9, 25)
    net, terms = networks(5), ((1, 1), (3, 3))
    thetas = [odd_rule(values, terms) for values in ([-2.0, 0.0], [0.0, -3.0], [0.4, 1.0])]
    together = thetas[0]._replace(
        params=thetas[0].params._replace(theta=torch.stack([r.params.theta for r in thetas]))
    )
    found = held_out.score(together, net, environment(), criterion, generator=noise)
    for r, alone in enumerate(thetas):
        life = run.train(alone, net, environment(), criterion, generator=noise)
        assert torch.equal(found.reached[r], life.reached)
        assert torch.equal(found.trials_to_criterion[r], life.trials_to_criterion)
        one = alone._replace(params=alone.params._replace(theta=alone.params.theta[None]))
        own = held_out.score(one, net, environment(), criterion, generator=noise)
        torch.testing.assert_close(
            found.smoothed_error_rate[r], own.smoothed_error_rate[0], rtol=1e-4, atol=1e-5
        )
    assert found.reached.any()
    assert not found.reached.all()
    assert (found.error[0] - found.error[2]).abs().max() > 1e-3


def test_an_error_that_is_not_finite_is_a_bad_trial():
    errors = torch.full((1, 2, 30), 0.2)
    errors[0, 1, 20:] = torch.nan
    right = torch.ones_like(errors, dtype=torch.bool)
    found = held_out.summarise(errors, right, 5, Criterion(10, 0.9, 1.0, 30))
    good = torch.sigmoid(torch.tensor(-0.8 / held_out.WIDTH)).item()
    assert found.smoothed_error_rate[0].tolist() == pytest.approx([good, (15 * good + 10) / 25])
    assert found.trials_to_criterion.tolist() == [[10, 10]]
    assert found.error[0, 1].isnan()
    right[0, 0, :20] = False
    strict = held_out.summarise(errors, right, 5, Criterion(10, 0.9, 1.0, 30, correct=True))
    assert strict.smoothed_error_rate[0, 0].item() == pytest.approx((15 + 10 * good) / 25)
    assert strict.trials_to_criterion[0, 0] == 29
    assert torch.equal(
        held_out.summarise(errors, right, 5, Criterion(10, 0.9, 1.0, 30)).smoothed_error_rate,
        found.smoothed_error_rate,
    )
