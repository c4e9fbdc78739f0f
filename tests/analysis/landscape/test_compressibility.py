"""Compressibility: errors at each rank as a loop has them, and the smallest rank that keeps the error."""

import math

import numpy as np
import pytest
import torch

import references
from random_numbers import noise
from threefactor.analysis.landscape.compressibility import (
    error_by_rank,
    error_by_rank_of_change,
    smallest_rank,
)
from threefactor.contract import Network
from threefactor.tasks import dnms
from threefactor.training.evaluation import evaluate

BATCH, UNITS = 2, 6
CLAMPED = torch.tensor([False, True, False, False, False, False])
FREE = [0, 2, 3, 4, 5]
TASK = dnms.make(100.0, 10.0, 0.9, "graded")


def network(seed=0, size=1.0):
    state = torch.where(CLAMPED, 0.8, 0.0).double()
    weights = size * noise(BATCH, UNITS, UNITS, seed=seed)
    return Network(
        weights, noise(BATCH, UNITS, 2, seed=7), noise(BATCH, 1, UNITS, seed=8), CLAMPED, state, 0.3
    )


def truncated(matrix, rank):
    left, singular, right = np.linalg.svd(matrix.numpy())
    return torch.as_tensor((left[:, :rank] * singular[:rank]) @ right[:rank])


def slow_error(one, weights):
    """Simulate a network of the batch step by step; weights (i, j) -> error."""
    total = 0.0
    for y in range(4):
        trial = TASK.draw(torch.full((1,), y), generator=None, dtype=torch.float64)
        alone = network()._replace(
            input_weights=network().input_weights[one, None],
            output_weights=network().output_weights[one, None],
        )
        rest = torch.zeros(1, TASK.steps, UNITS, dtype=torch.float64)
        states = references.simulate(alone, weights[None], trial.inputs, alone.clamped_state[None], rest)
        output = torch.stack([torch.tanh(x) @ alone.output_weights[0].T for x in states[1:]], 1)
        total += float(((output - trial.target).abs()[..., 0] * trial.window).sum()) / 4
    return total


def test_errors_are_those_of_each_rank_by_itself():
    initial, final = network(1), network(2)
    of_change, of_weights = error_by_rank_of_change(initial, final, TASK), error_by_rank(final, TASK)
    assert of_change.shape == (BATCH, UNITS + 1)
    assert of_weights.shape == (BATCH, len(FREE) + 1)
    for b in range(BATCH):
        change = final.weights[b] - initial.weights[b]
        for rank in range(UNITS + 1):
            weights = initial.weights[b] + truncated(change, rank)
            assert float(of_change[b, rank]) == pytest.approx(slow_error(b, weights), rel=1e-10)
        for rank in range(len(FREE) + 1):
            weights = final.weights[b].clone()
            weights[np.ix_(FREE, FREE)] = truncated(weights[FREE][:, FREE], rank)
            assert float(of_weights[b, rank]) == pytest.approx(slow_error(b, weights), rel=1e-10)


def test_a_change_of_rank_two_is_whole_at_rank_two():
    initial = network(1)
    change = noise(BATCH, UNITS, 2, seed=3) @ noise(BATCH, 2, UNITS, seed=4)
    final = initial._replace(weights=initial.weights + change)
    error = error_by_rank_of_change(initial, final, TASK)
    whole = evaluate(final, TASK).error
    torch.testing.assert_close(error[:, 0], evaluate(initial, TASK).error)
    torch.testing.assert_close(error[:, 2:], whole[:, None].expand(-1, UNITS - 1), rtol=1e-10, atol=1e-12)
    assert ((error[:, 1] - whole).abs() > 1e-5).all()
    assert (smallest_rank((error - whole[:, None]).abs(), 1e-9) == 2).all()


def test_the_smallest_rank_is_that_from_which_on_the_error_is_kept():
    nan = math.nan
    error = torch.tensor(
        [
            [0.9, 0.3, 0.6, 0.4, 0.5],  # kept at rank 1, but not at 2
            [0.4, 0.4, 0.4, 0.4, 0.4],
            [0.4, 0.4, 0.4, 0.4, 0.6],
            [0.4, nan, 0.4, 0.4, 0.4],  # a network that overflowed has no error that is kept
        ]
    )
    found = smallest_rank(error, 0.5)
    assert found.tolist()[:2] == [3, 0]
    assert found[2].isnan()
    assert found[3] == 2
    assert smallest_rank(error, torch.tensor([0.7, 0.3, 0.6, 0.4])).nan_to_num(-1).tolist() == [1, -1, 0, 2]
