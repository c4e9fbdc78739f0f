"""Scores on held-out networks."""

import pytest
import torch

from dnms_run import environment, networks, noise
from metalearning.odd_rule import odd_rule
from threefactor.metalearning import held_out
from threefactor.training import learning_run as run
from threefactor.training.learning_run import Criterion


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
