"""Trials in a row: criterion, checkpoints."""

import copy

import pytest
import torch

from dnms_run import environment, networks, noise, theta33
from threefactor.training.learning_run import Criterion, advance, finished, start_run, train
from training.followed import exploring

CRITERION = Criterion(window=6, fraction=0.5, error=0.9, horizon=40)


def test_a_good_trial_may_have_to_be_correct_too():
    net, rule = networks(5), theta33()
    easy = CRITERION._replace(error=10.0)
    anything = train(rule, net, environment(), easy, generator=noise)
    assert (anything.trials_to_criterion == easy.window).all()
    strict = train(rule, net, environment(), easy._replace(correct=True, fraction=1.0), generator=noise)
    for b in range(5):
        right = strict.correct[b].nan_to_num(0).tolist()
        first = next((h for h in range(6, 41) if sum(right[h - 6 : h]) == 6), 40)
        assert strict.trials_to_criterion[b] == first
    assert (strict.trials_to_criterion > 6).any()


def test_a_learning_run_goes_on_bit_for_bit_after_a_checkpoint():
    net, rule = networks(5), theta33()
    start = start_run(rule, net, environment(), CRITERION)
    whole = advance(start, rule, net, environment(), CRITERION, 40, generator=noise)
    parts = start
    while not finished(parts, CRITERION):
        parts = advance(parts, rule, net, environment(), CRITERION, 7, generator=noise)
        parts = copy.deepcopy(parts)
    for name, one, other in zip(whole._fields[1:], whole[1:], parts[1:], strict=True):
        assert torch.equal(one.nan_to_num(9), other.nan_to_num(9)), name
    assert not torch.equal(whole.weights, net.weights)


@pytest.mark.parametrize("rule", [theta33(), exploring("outputs"), exploring("weights")])
def test_a_network_meets_the_same_trials_whoever_else_is_there(rule):
    """Networks that stop early leave the others as they would be alone."""
    net = networks(5)
    whole = train(rule, net, environment(), CRITERION, generator=noise)
    assert whole.trials_to_criterion.max() > whole.trials_to_criterion.min(), "some must stop before others"
    slow = whole.trials_to_criterion.argmax().item()
    start = start_run(rule, net, environment(), CRITERION._replace(error=0.0))
    never = advance(start, rule, net, environment(), CRITERION._replace(error=0.0), 40, generator=noise)
    done = whole.trials_to_criterion[slow]
    torch.testing.assert_close(whole.error[slow, :done], never.error[slow, :done], rtol=1e-4, atol=1e-5)


def test_criterion_is_the_first_window_with_enough_good_trials():
    net, rule = networks(6), theta33()
    result = train(rule, net, environment(), CRITERION, generator=noise)
    for b in range(6):
        good = result.error[b] < CRITERION.error
        first = next(
            (h for h in range(6, 41) if good[h - 6 : h].sum() >= 3),
            CRITERION.horizon,
        )
        assert result.trials_to_criterion[b] == first
        stopped = first if result.reached[b] else CRITERION.horizon
        assert result.error[b, :stopped].isfinite().all()
        assert result.error[b, stopped:].isnan().all()


def test_a_network_that_overflows_is_stopped_and_counted():
    net, rule = networks(3), theta33(learning_rate=float("inf"))
    start = start_run(theta33(), net, environment(), CRITERION)  # which refuses a rule that is never finite
    result = advance(start, rule, net, environment(), CRITERION, CRITERION.horizon, generator=noise)
    assert result.diverged.all()
    assert not result.reached.any()
    assert result.weights.isfinite().all()
    assert (result.trials_to_criterion == CRITERION.horizon).all()
