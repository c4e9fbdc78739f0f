"""Values of meta-learned hyperparameters at free coordinates, and their slopes."""

import pytest
import torch

from derivatives.with_hyperparameters import learned_with
from small_runs import DOUBLE, OFF
from threefactor.metalearning import hyperparameters, transforms

START = {"clip": 0.002, "trace_decay": 0.6, "weight_linear": -0.4, "perturbation_scale": 5.0}


def test_values_begin_at_their_start_and_stay_within_reach():
    found = hyperparameters.values(START, torch.zeros(4, dtype=DOUBLE))
    assert found == pytest.approx(START)
    assert list(found) == list(START)
    for far, sign in ((1e3, 1), (-1e3, -1)):
        found = hyperparameters.values(START, torch.full((4,), far, dtype=DOUBLE))
        for name, value in START.items():
            moved = transforms.coordinate(name, found[name]) - transforms.coordinate(name, value)
            assert moved == pytest.approx(sign * transforms.REACH), name


def test_slopes_are_the_derivatives_of_the_values():
    free, step = torch.tensor([0.3, -0.7, 1.1], dtype=DOUBLE), 1e-6
    start = {name: START[name] for name in ("clip", "trace_decay", "weight_linear")}
    rule = learned_with(OFF, tuple(start))
    rule = rule._replace(params=rule.params._replace(**hyperparameters.values(start, free)))
    found = hyperparameters.slopes(rule, free)
    for s, name in enumerate(start):
        shift = step * torch.eye(3, dtype=DOUBLE)[s]
        up, down = (hyperparameters.values(start, free + sign * shift)[name] for sign in (1, -1))
        assert found[s].item() == pytest.approx((up - down) / (2 * step), rel=1e-6), name


def test_a_start_at_its_limit_is_named():
    with pytest.raises(ValueError, match=r"trace_decay = 0\.0"):
        hyperparameters.values({"trace_decay": 0.0}, torch.zeros(1))
