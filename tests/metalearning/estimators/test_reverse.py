"""The estimator by reverse mode against the pathwise one."""

import pytest
import torch

from small_runs import OFF, ON, TRIAL_TYPES, experiences, network, relative, rule
from threefactor import seeding
from threefactor.metalearning.estimators import pathwise
from threefactor.metalearning.estimators import reverse as estimator
from threefactor.metalearning.trial_record import Noise
from threefactor.training.trial import start_learning

TRIALS = 14


@pytest.mark.parametrize("sigma", [0.0, 0.01])
@pytest.mark.parametrize("options", [ON, OFF], ids=["on", "off"])
def test_estimator_equals_pathwise(options, sigma):
    """At the same weight noise; trials may come one at a time."""
    learned, sampled = rule(options, 3), experiences(TRIALS)
    learner = start_learning(learned, network(options), TRIAL_TYPES)
    wanted = pathwise.estimate(
        learned, learner, sampled, noise=Noise(sigma), generator=seeding.generator(4, "weights")
    )
    given = estimator.estimate(
        learned, learner, iter(sampled), noise=Noise(sigma), generator=seeding.generator(4, "weights")
    )
    assert relative(given.gradient, wanted.gradient) < 1e-10
    torch.testing.assert_close(given.objective, wanted.objective, rtol=1e-13, atol=0)
    assert (given.finite == wanted.finite).all()
