"""Classes from exponents and their errors."""

import torch
from scipy.stats import binom

from random_numbers import noise
from threefactor.analysis.attractors import classes
from threefactor.analysis.attractors.classes import CLASSES, REASONS
from threefactor.analysis.attractors.recurrence import Recurrence
from threefactor.network.lyapunov import Spectrum


def test_every_combination_of_exponents_and_returns_has_its_class():
    """Exponents are zero within 0.1, and positive above 0.36, the error of 0.1 times the quantile of 1 in 1,000."""
    rows = [
        (0.5, 0.0, False, False, "chaos", ""),
        (0.05, -0.5, True, False, "limit cycle", ""),
        (-0.5, -0.6, True, False, "limit cycle", ""),
        (0.05, -0.05, False, False, "torus", ""),
        (0.05, -0.05, True, False, "limit cycle", ""),
        (0.3, 0.05, False, False, "unresolved", "weak"),
        (0.3, 0.05, True, False, "limit cycle", ""),
        (0.05, -0.5, False, False, "unresolved", "open"),
        (-0.05, -0.05, False, True, "unresolved", "still converging"),
        (0.5, -0.5, False, True, "unresolved", "still converging"),
        (0.5, -0.5, True, False, "unresolved", "the orbit closes"),
        (0.05, -0.5, True, True, "limit cycle", ""),
    ]
    first, second, closed, slower, kinds, reasons = zip(*rows, strict=True)
    error = torch.full((len(rows), 2), 0.1)
    found = Spectrum(torch.tensor([first, second]).T, error, error)
    returns = Recurrence(torch.tensor(closed), torch.zeros(len(rows)))
    result = classes.classify(found, returns, torch.tensor(slower), 1e-3)
    assert [CLASSES[k] for k in result.kind] == list(kinds)
    assert all(REASONS[r].startswith(start) for r, start in zip(result.reason, reasons, strict=True))
    assert all((REASONS[r] == "") == (k != "unresolved") for r, k in zip(result.reason, kinds, strict=True))
    assert result.zero.sum(1)[:5].tolist() == [1, 1, 1, 2, 1]


def test_what_is_positive_is_above_both_its_wander_and_its_error():
    """3.579 is the quantile of Student's t of 19 degrees of freedom that 1 in 1,000 exceeds."""
    exponents = torch.tensor([[0.35], [0.36], [0.36], [0.36]]).double()
    error = torch.tensor([[0.1], [0.1], [0.1], [0.01]]).double()
    wander = torch.tensor([[0.1], [0.1], [0.37], [0.37]]).double()
    returns = Recurrence(torch.zeros(4, dtype=torch.bool), torch.zeros(4))
    none = torch.zeros(4, dtype=torch.bool)
    result = classes.classify(Spectrum(exponents, error, wander), returns, none, 1e-3)
    assert (result.kind == classes.CHAOS).tolist() == [False, True, False, False]


def test_speed_falls_by_chance_as_often_as_stated_and_always_where_it_does():
    """2,000 steady speeds at 5 %: the count is within what 1 of 1,000 binomial counts exceeds on either side."""
    steady = 1 + 0.3 * noise(2000, 100).abs()
    count = int(classes.falling(steady, 0.05).sum())
    assert binom.ppf(0.001, 2000, 0.05) <= count <= binom.ppf(0.999, 2000, 0.05)
    slower = steady * torch.exp(-0.01 * torch.arange(100, dtype=torch.float64))
    assert classes.falling(slower, 1e-3).all()
    assert not classes.falling(slower.flip(1), 1e-3).any()
