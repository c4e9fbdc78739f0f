"""Classes from exponents and their errors."""

import pytest
import torch
from scipy.stats import binom

from random_numbers import noise
from threefactor.analysis.attractors import classes
from threefactor.analysis.attractors.classes import CLASSES, REASONS
from threefactor.analysis.attractors.recurrence import Recurrence
from threefactor.network.lyapunov import Spectrum


def test_every_combination_of_exponents_and_returns_has_its_class():
    """Exponents are zero within 0.1."""
    rows = [
        (0.5, 0.0, False, False, "chaos", ""),
        (0.05, -0.5, True, False, "limit cycle", ""),
        (-0.5, -0.6, True, False, "limit cycle", ""),
        (0.05, -0.05, False, False, "torus", ""),
        (0.05, -0.05, True, False, "limit cycle", ""),
        (0.05, -0.5, False, False, "unresolved", "one zero exponent"),
        (-0.05, -0.05, False, True, "unresolved", "still converging"),
        (0.5, -0.5, True, False, "unresolved", "the orbit closes"),
        (0.05, -0.5, True, True, "limit cycle", ""),
    ]
    first, second, closed, slower, kinds, reasons = zip(*rows, strict=True)
    found = Spectrum(torch.tensor([first, second]).T, *torch.zeros(2, len(rows), 2))
    returns = Recurrence(torch.tensor(closed), torch.zeros(len(rows)))
    result = classes.classify(found, torch.full((len(rows), 2), 0.1), returns, torch.tensor(slower))
    assert [CLASSES[k] for k in result.kind] == list(kinds)
    assert all(REASONS[r].startswith(start) for r, start in zip(result.reason, reasons, strict=True))
    assert all((REASONS[r] == "") == (k != "unresolved") for r, k in zip(result.reason, kinds, strict=True))
    assert result.zero.sum(1)[:5].tolist() == [1, 1, 1, 2, 1]


def test_a_bound_is_the_larger_of_chance_and_wander():
    """3.579 is the quantile of Student's t of 19 degrees of freedom that 1 in 1,000 exceeds."""
    error, wander = torch.tensor([[0.1], [0.001]]).double(), torch.tensor([[0.2], [0.01]]).double()
    bound = classes.bounds(Spectrum(torch.zeros(2, 1), error, wander), 1e-3)
    assert bound[:, 0].tolist() == pytest.approx([0.3579, 0.01], rel=1e-3)


def test_speed_falls_by_chance_as_often_as_stated_and_always_where_it_does():
    """2,000 steady speeds at 5 %: the count is within what 1 of 1,000 binomial counts exceeds on either side."""
    steady = 1 + 0.3 * noise(2000, 100).abs()
    count = int(classes.falling(steady, 0.05).sum())
    assert binom.ppf(0.001, 2000, 0.05) <= count <= binom.ppf(0.999, 2000, 0.05)
    slower = steady * torch.exp(-0.01 * torch.arange(100, dtype=torch.float64))
    assert classes.falling(slower, 1e-3).all()
    assert not classes.falling(slower.flip(1), 1e-3).any()
