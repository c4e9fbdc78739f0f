"""Dynamic mode decomposition, with and without inputs."""

import numpy as np
import pytest
import torch

from analysis.solutions.changes import COMPONENTS, MOMENTS, WITHIN, inputs, networks, rates_of, run
from random_numbers import noise
from threefactor.analysis.solutions.linear_dynamics import fit, transitions
from threefactor.analysis.solutions.shape import sample_coordinates


def spectrum(state):
    """Sort eigenvalues, so that they can be compared."""
    return np.sort_complex(torch.linalg.eigvals(state).numpy())


def truth(number):
    """Return the dynamics that made the rates of a network."""
    return 0.9 * torch.linalg.qr(noise(COMPONENTS, COMPONENTS, seed=number))[0]


def test_the_dynamics_that_made_the_rates_are_found():
    rates = networks().rates
    for found in (
        fit(rates, COMPONENTS, inputs=inputs()),
        fit(rates, COMPONENTS, seen=WITHIN),
        fit(rates, COMPONENTS, seen=WITHIN, delays=2),
    ):
        for number in range(3):
            # real parts of conjugate pairs tie: compare sums of powers by sorting after rounding
            np.testing.assert_allclose(
                np.sort_complex(spectrum(found.state[number]).round(7)),
                np.sort_complex(spectrum(truth(number)).round(7)),
                atol=1e-6,
            )


def test_a_fit_equals_least_squares_transition_by_transition():
    rates, drive = noise(2, 3, 8, 5), noise(3, 8, 2, seed=1)
    found = fit(rates, 3, inputs=drive)
    place = sample_coordinates(rates.flatten(1, 2), 3).unflatten(1, (3, 8)).numpy()
    for number in range(2):
        rows, wanted = [], []
        for trial in range(3):
            for step in range(7):
                rows.append([*place[number, trial, step], *drive[trial, step + 1].tolist(), 1.0])
                wanted.append(place[number, trial, step + 1])
        solved = np.linalg.lstsq(np.array(rows), np.array(wanted))[0]
        np.testing.assert_allclose(found.state[number], solved[:3].T, atol=1e-10)
        np.testing.assert_allclose(found.inputs[number], solved[3:5].T, atol=1e-10)


def test_without_inputs_their_drive_is_taken_for_dynamics():
    """The same dynamics, driven by two sets of input weights."""
    rates = torch.stack([rates_of(0), rates_of(0, drive=1)])
    plain = fit(rates, COMPONENTS).state
    known = fit(rates, COMPONENTS, inputs=inputs()).state
    size = torch.linalg.eigvals(known).abs()
    torch.testing.assert_close(size, torch.full_like(size, 0.9), atol=1e-9, rtol=0)
    assert (torch.linalg.eigvals(plain).abs() - 0.9).abs().max() > 0.05


def test_a_fixed_point_may_lie_anywhere():
    still = torch.zeros(3, MOMENTS, COMPONENTS, dtype=torch.float64)
    around = run(truth(0), still, noise(3, COMPONENTS, seed=9))
    found = fit(torch.stack([around, around + 7]), COMPONENTS)
    size = torch.linalg.eigvals(found.state).abs()
    torch.testing.assert_close(size, torch.full_like(size, 0.9), atol=1e-9, rtol=0)
    assert found.inputs.shape == (2, COMPONENTS, 0)


def test_a_gap_in_what_is_seen_is_no_transition():
    seen = torch.tensor([1, 1, 0, 1, 1, 1, 0, 1]).bool()
    assert transitions(seen, 1).tolist() == [True, False, False, True, True, False, False]
    assert transitions(seen, 2).tolist() == [False, False, False, True, False, False]
    assert transitions(seen, 8).tolist() == []
    # what lies in the gap counts for nothing
    rates = noise(1, 4, 8, 3)
    other = rates.clone()
    other[:, :, ~seen] = 5.0
    torch.testing.assert_close(fit(rates, 2, seen=seen).state, fit(other, 2, seen=seen).state)
    with pytest.raises(ValueError, match="must hold 4 moments in a row"):
        fit(rates, 2, seen=seen, delays=3)
