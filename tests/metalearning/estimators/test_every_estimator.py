"""What holds for every estimator: warm-up and overflow."""

import pytest
import torch

from metalearning.estimator_runs import ALL, SIGMA, source
from small_runs import DOUBLE, OFF, ON, TRIAL_TYPES, experiences, network, rule
from threefactor.metalearning.trial_record import Noise
from threefactor.training.trial import learn, start_learning


@pytest.mark.parametrize("name", ALL)
def test_a_learning_run_needs_trials_after_the_warm_up(name):
    learned = rule(OFF, 1)
    learner = start_learning(learned, network(OFF), TRIAL_TYPES)
    noise = Noise(0.1, torch.full((4,), 0.1, dtype=DOUBLE))
    with pytest.raises(ValueError, match="trials = 2"):
        ALL[name].estimate(learned, learner, experiences(2), noise=noise, generator=source())


@pytest.mark.parametrize("name", ALL)
def test_a_learning_run_may_begin_where_the_warm_up_ends(name):
    """Nothing depends on theta in the warm-up: begun behind it, every estimator finds the same."""
    learned, sampled = rule(ON, 1), experiences(7)
    learner = start_learning(learned, network(ON), TRIAL_TYPES)
    noise = Noise(SIGMA, torch.full((4,), 0.01, dtype=DOUBLE))
    whole = ALL[name].estimate(learned, learner, sampled, noise=noise, generator=source())
    for one in sampled[: learned.warm_up]:
        learner, _ = learn(learned, learner, *one)
    rest = ALL[name].estimate(learned, learner, sampled[learned.warm_up :], noise=noise, generator=source())
    torch.testing.assert_close(rest, whole)


@pytest.mark.parametrize("name", ALL)
def test_an_overflow_is_marked_and_carries_nothing(name):
    learned = rule(OFF, 2)
    huge = learned._replace(params=learned.params._replace(learning_rate=1e308))
    learner = start_learning(huge, network(OFF), TRIAL_TYPES)
    noise = Noise(0.1, torch.full((9,), 0.1, dtype=DOUBLE))
    found = ALL[name].estimate(huge, learner, experiences(10), noise=noise, generator=source())
    assert not found.finite.any()
    assert (found.gradient == 0).all()
