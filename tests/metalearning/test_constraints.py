"""Steps of theta under constraints: norm, sparsity and rank."""

import pytest
import torch

from small_runs import DOUBLE
from threefactor.metalearning import ascent, constraints
from threefactor.metalearning.constraints import Constraint

GRID = [(1, 1), (1, 3), (1, 5), (3, 1), (3, 3), (3, 5)]


def test_the_proximal_step_finds_the_soft_threshold_of_a_quadratic():
    """J = -sum h (x - a)^2 / 2 less w |x|_1 is largest at the soft threshold of a by w / h, whatever Adam's metric is."""
    curvature = torch.tensor([1.0, 2.0, 4.0, 0.5], dtype=DOUBLE)
    peak = torch.tensor([0.9, -0.6, 0.02, 0.3], dtype=DOUBLE)
    state = ascent.start_ascent(torch.tensor([-0.2, 0.3, 0.5, -0.4], dtype=DOUBLE), 0)
    held = Constraint(0, sparsity=0.2)
    for n in range(3000):
        state = constraints.ascend_within(
            state, curvature * (peak - state.coordinates), 0.05 / (1 + n / 30), held
        )
    exact = peak.sign() * (peak.abs() - 0.2 / curvature).clamp_min(0)
    assert (exact == 0).sum() == 2
    torch.testing.assert_close(state.coordinates, exact, rtol=0, atol=2e-3)
    assert (state.coordinates[2:] == 0).all(), "shrunk to nothing, not to little"


def test_without_sparsity_and_rank_a_step_is_adams():
    state = ascent.start_ascent(torch.tensor([0.5, -0.2, 0.1]), 0.65)
    gradient = torch.tensor([0.1, 0.3, -0.2])
    one, other = (
        ascent.ascend(state, gradient, 0.1),
        constraints.ascend_within(state, gradient, 0.1, Constraint(0.65)),
    )
    one = one._replace(coordinates=ascent.hold_norm(one.coordinates, 0.65))
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
        iterates.append(state.coordinates)
    moved = (iterates[-1] - theta).norm()
    for found in (theta, *iterates, constraints.average_iterates(torch.stack(iterates), held)):
        values = torch.linalg.svdvals((found * scale).view(2, 3))
        assert values[1] < 1e-12 * values[0]
        assert found.norm().item() == pytest.approx(0.65)
    assert moved > 0.1
    values = torch.linalg.svdvals((torch.stack(iterates[-3:]).mean(0) * scale).view(2, 3))
    assert values[1] > 1e-6 * values[0], "the mean that settles is none"


def test_theta_ascends_on_the_sphere():
    target = torch.tensor([0.6, -0.8, 0.0])
    state = ascent.start_ascent(torch.tensor([0.0, 0.1, 1.0]), 0.65)
    held, iterates = Constraint(0.65), []
    for _ in range(200):
        state = constraints.ascend_within(state, target, 0.02, held)
        iterates.append(state.coordinates)
        assert state.coordinates.norm().item() == pytest.approx(0.65, rel=1e-5)
    averaged = constraints.average_iterates(torch.stack(iterates), held)
    assert (averaged @ target).item() == pytest.approx(0.65, rel=0.02)
