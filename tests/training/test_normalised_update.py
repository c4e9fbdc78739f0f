"""Updates in units of what their postsynaptic unit is used to."""

import pytest
import torch

import references
from small_runs import DOUBLE, NORMALISED, OFF, ON, TRIAL_TYPES, experiences, network, rule
from threefactor.contract import Normalisation
from threefactor.training.normalised_update import kept_share, normalise
from threefactor.training.trial import learn, start_learning

CONSTANTS = NORMALISED["normalisation"]
UPDATE = torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(0), dtype=DOUBLE)


def learning_run(made, options, count=9):
    learner, weights = start_learning(made, network(options), TRIAL_TYPES), []
    for one in experiences(count):
        learner, _ = learn(made, learner, *one)
        weights.append(learner.network.weights)
    return torch.stack(weights)


@pytest.mark.parametrize("options", [{**OFF, **NORMALISED}, {**ON, **NORMALISED, "momentum": 0.6}])
def test_learning_is_that_of_the_slow_loop(options):
    made = rule(options, 2)
    slow = references.learn(made.params.theta, made, network(options), experiences(9), TRIAL_TYPES)
    torch.testing.assert_close(learning_run(made, options), slow.weights, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("factor", [1e-4, 1e6])
def test_no_size_of_updates_matters(factor):
    made = rule({**OFF, **NORMALISED}, 2)
    larger = made._replace(params=made.params._replace(learning_rate=factor * made.params.learning_rate))
    torch.testing.assert_close(learning_run(made, OFF), learning_run(larger, OFF), rtol=1e-9, atol=1e-12)


def test_the_first_step_has_the_size_and_no_synapse_exceeds_the_bound():
    step, _ = normalise(Normalisation(0.05, 2.0, 0.9, 1e6), 0, torch.zeros(2, 3, dtype=DOUBLE), UPDATE)
    torch.testing.assert_close(step.square().mean(2).sqrt(), torch.full((2, 3), 0.1, dtype=DOUBLE))
    bounded, _ = normalise(Normalisation(0.05, 2.0, 0.9, 0.5), 0, torch.zeros(2, 3, dtype=DOUBLE), UPDATE)
    assert 0.045 < bounded.abs().max() < 0.05
    assert (bounded.sign() == UPDATE.sign()).all()


def test_a_unit_knows_its_own_updates_alone():
    other = UPDATE.clone()
    other[:, 1] *= 100
    nothing = torch.zeros(2, 3, dtype=DOUBLE)
    one, changed = (normalise(CONSTANTS, 3, nothing, update)[0] for update in (UPDATE, other))
    torch.testing.assert_close(one[:, [0, 2]], changed[:, [0, 2]], rtol=0, atol=0)


def test_a_unit_without_updates_makes_no_step():
    silent = UPDATE.clone()
    silent[:, 1] = 0
    step, square = normalise(CONSTANTS, 0, torch.zeros(2, 3, dtype=DOUBLE), silent)
    assert (step[:, 1] == 0).all()
    assert (square[:, 1] == 0).all()
    assert step.isfinite().all()


def test_early_trials_count_alike_and_later_ones_fade():
    squares, seen = torch.zeros(2, 3, dtype=DOUBLE), []
    for n in range(4):
        seen.append((n + 1.0) * UPDATE)
        _, squares = normalise(CONSTANTS, n, squares, seen[-1])
        torch.testing.assert_close(squares, torch.stack(seen).square().mean((0, 3)))
    assert [kept_share(CONSTANTS, n) for n in (0, 3, 4, 100)] == [0, 0.75, 0.8, 0.8]
