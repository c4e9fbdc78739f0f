"""The lines of hyperparameters."""

import pytest
import torch

from derivatives.with_hyperparameters import NAMES
from small_runs import DOUBLE
from threefactor.metalearning import transforms


@pytest.mark.parametrize("name", [*NAMES, "perturbation_share"])
def test_lines_invert_and_never_leave_the_allowed_range(name):
    for value in (1e-4, 0.3, 0.97):
        there = transforms.coordinate(name, value)
        assert transforms.value_at(name, there) == pytest.approx(value, rel=1e-12)
        step = 1e-6
        rise = (transforms.value_at(name, there + step) - transforms.value_at(name, there - step)) / (
            2 * step
        )
        assert transforms.slope(name, value) == pytest.approx(rise, rel=1e-6)
        assert transforms.moved(name, value, 1e-7 * value) == pytest.approx(value * (1 + 1e-7), rel=1e-9)
        for by in (-9 * transforms.slope(name, value), 9 * transforms.slope(name, value)):
            moved = transforms.moved(name, value, by)
            assert moved > 0 or name in transforms.COEFFICIENTS
            assert moved < 1 or name not in transforms.DECAYS


def test_free_steps_stay_within_reach_of_the_start():
    free = torch.tensor([-50.0, -1.0, 0.0, 0.3, 50.0], dtype=DOUBLE, requires_grad=True)
    held = transforms.bounded(free)
    assert (held.abs() <= transforms.REACH).all()
    assert held[2] == 0
    slope = torch.autograd.grad(held.sum(), free)[0]
    torch.testing.assert_close(slope, transforms.bounded_slope(free.detach()), rtol=1e-12, atol=1e-14)
    assert transforms.bounded_slope(free)[2] == 1


@pytest.mark.parametrize(("name", "value"), [("clip", 0.0), ("trace_decay", 0.0), ("eligibility_decay", 1.0)])
def test_a_start_from_where_no_step_leads_away_is_said(name, value):
    with pytest.raises(ValueError, match=f"{name} = {value}"):
        transforms.coordinate(name, value)
