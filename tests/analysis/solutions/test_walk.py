"""Walks stay at the level, go where they are said to, and know of nothing but their anchor and the generator."""

import pytest
import torch

from analysis.solutions.two_steps import TwoSteps, linear_networks, stiff_plane
from dnms_run import environment, networks
from random_numbers import noise
from small_runs import DOUBLE
from threefactor import seeding
from threefactor.analysis.solutions.cka import cka_distance
from threefactor.analysis.solutions.steering import away_from
from threefactor.analysis.solutions.walk import Bounds, Gait, walk
from threefactor.derivatives.task_error import noise_free, run
from threefactor.network.perturbation import Sparse
from threefactor.training.batch import convert, select
from threefactor.training.environment import Environment
from threefactor.training.evaluation import evaluate

NOISY = environment()
TASK = NOISY.task
MOMENTS = torch.arange(1, TASK.steps, 3)


def source(name="walk"):
    return seeding.generator(3, name)


def sparse_networks():
    net = convert(networks(3), dtype=DOUBLE)
    exists = noise(*net.weights.shape, seed=9) > -0.8
    return net._replace(weights=net.weights * exists, exists=exists)


def level_of(net):
    """Return a level that all networks are a little below."""
    return float(evaluate(net, TASK).error.max()) + 0.01


def rates(net):
    runs = run(net, noise_free(net, TASK))
    seen = torch.tanh(runs.trajectory.state[:, 1:])[:, MOMENTS][:, :, ~net.clamped]
    return seen.reshape(len(net.weights), -1, seen.shape[2])


def far(net, found):
    """Return how far the rates at the end of each walk are from those of its anchor."""
    ends = rates(net._replace(weights=found.weights[:, -1]))
    return torch.stack([cka_distance(torch.stack(pair))[0, 1] for pair in zip(rates(net), ends, strict=True)])


def along(change, plane):
    """Return the share of changes (b i j) that lies in planes (b k n)."""
    flat = change.flatten(1)
    return ((plane @ flat[:, :, None])[..., 0].norm(dim=1)) / flat.norm(dim=1)


def test_in_a_linear_network_a_walk_goes_straight_along_the_null_space():
    net, task = linear_networks(4), TwoSteps()
    quiet, gait = Environment(task, 0.0, Sparse(0.0, 0.0)), Gait(stiff=2, products=5, repeats=0)
    level = float(evaluate(net, task).error.max()) + 1e-6
    found = walk(net, quiet, Bounds(level), [0, 4, 9], generator=source(), gait=gait)
    outputs = [
        run(net._replace(weights=found.weights[:, s]), noise_free(net, task)).trajectory.output[:, 1]
        for s in range(3)
    ]
    change = found.weights[:, 2] - net.weights
    for later in outputs[1:]:
        torch.testing.assert_close(later, outputs[0], rtol=1e-10, atol=0)
    assert (along(change, stiff_plane(net)) < 1e-10).all()
    torch.testing.assert_close(found.change, found.length, rtol=1e-10, atol=0)
    assert (found.change[:, 2] > 0.1).all()
    steeper = walk(net, quiet, Bounds(level + 1), [9], generator=source(), gait=gait._replace(stiff=0))
    share = along(steeper.weights[:, 0] - net.weights, stiff_plane(net))
    assert (share > 1e-6).all(), "the gradient alone leaves one of two directions in which outputs change"


@pytest.mark.parametrize("steered", [False, True])
def test_no_kept_point_is_above_the_level_and_all_are_told_as_they_are(steered):
    net = sparse_networks()
    level = level_of(net)
    steering = away_from(rates(net), MOMENTS) if steered else None
    found = walk(net, NOISY, Bounds(level), [0, 5, 30], generator=source(), steering=steering)
    free = net.exists & ~net.clamped[:, None]
    size = (net.weights * free).flatten(1).norm(dim=1)
    for s in range(3):
        weights = found.weights[:, s]
        error = evaluate(net._replace(weights=weights), TASK).error
        assert (error <= level).all()
        torch.testing.assert_close(found.error[:, s], error, rtol=1e-12, atol=0)
        torch.testing.assert_close(found.change[:, s], (weights - net.weights).flatten(1).norm(dim=1) / size)
        assert torch.equal(weights[~free], net.weights[~free])
    assert (found.change[:, 2] > found.change[:, 1]).all()
    assert (found.length >= found.change - 1e-12).all()
    assert (found.taken[:, 2] > 0.3).all()
    assert (found.taken <= 1).all()


def test_a_walk_without_steps_is_its_anchor():
    net = sparse_networks()
    found = walk(net, NOISY, Bounds(level_of(net)), [0], generator=source())
    assert torch.equal(found.weights[:, 0], net.weights)
    assert not found.change.any()
    assert not found.length.any()


def test_a_steered_walk_gets_further_than_a_random_one_of_the_same_reach():
    net = sparse_networks()
    bounds = Bounds(level_of(net), reach=torch.tensor([0.1, 0.15, 0.2], dtype=DOUBLE))
    lost = walk(net, NOISY, bounds, [40], generator=source())
    steered = walk(net, NOISY, bounds, [40], generator=source(), steering=away_from(rates(net), MOMENTS))
    for found in (lost, steered):
        assert (found.change[:, 0] <= bounds.reach * (1 + 1e-12)).all()
        assert (found.change[:, 0] > 0.8 * bounds.reach).all(), "both go as far as they may"
    assert (far(net, steered) > 1.5 * far(net, lost)).all()


def test_walks_repeat_by_their_generator():
    net = sparse_networks()
    bounds = Bounds(level_of(net))
    first, again = (walk(net, NOISY, bounds, [6], generator=source()) for _ in range(2))
    assert torch.equal(first.weights, again.weights)
    other = walk(net, NOISY, bounds, [6], generator=source("other"))
    assert not torch.allclose(first.weights, other.weights, atol=1e-3)
    twice = walk(select(net, torch.tensor([0, 0])), NOISY, bounds, [6], generator=source())
    assert not torch.allclose(twice.weights[0], twice.weights[1], atol=1e-3), "one anchor, two directions"


def test_an_anchor_above_the_level_is_refused():
    net = sparse_networks()
    error = float(evaluate(net, TASK).error.max())
    with pytest.raises(ValueError, match=r"level = 0.1: must be at least 0\.\d+, the error of an anchor"):
        walk(net, NOISY, Bounds(0.1), [3], generator=source())
    assert error > 0.1


def test_a_steered_walk_keeps_its_error_in_noise_only_where_that_is_bounded():
    net = sparse_networks()
    steering, level = away_from(rates(net), MOMENTS), level_of(net) + 0.1
    bounded, unbounded = (
        walk(net, NOISY, Bounds(level, excess), [0, 60], generator=source(), steering=steering)
        for excess in (0.01, torch.inf)
    )
    assert (bounded.excess <= 0.01).all()
    assert unbounded.excess.max() > 0.02, "or the bound would hold by itself"
    assert (bounded.change[:, 1] > 0.05).all(), "it goes somewhere all the same"
    torch.testing.assert_close(bounded.excess[:, 0], torch.zeros(3, dtype=DOUBLE))
    free = walk(net, NOISY, Bounds(level), [9], generator=source(), gait=Gait(repeats=0, checked=0))
    assert free.excess.isnan().all()
    assert (free.error <= level).all()
