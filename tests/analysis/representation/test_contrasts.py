"""Factors of trial types as columns of numbers."""

import pytest
import torch

from threefactor.analysis.representation import contrasts
from threefactor.tasks import dnms


def test_contrasts_are_balanced_orthogonal_and_choice_is_nonmatch():
    found = torch.cat([contrasts.contrasts(classes) for classes in dnms.FACTORS.values()], 1)
    assert found.sum(0).tolist() == [0, 0, 0]
    torch.testing.assert_close(found.T @ found, 4 * torch.eye(3, dtype=torch.float64))
    assert found[:, 2].tolist() == [-1, 1, 1, -1]


def test_guessing_names_the_most_frequent_class():
    assert contrasts.guessing((0, 1, 1, 0)) == 0.5
    assert contrasts.guessing((0, 1, 2, 0)) == 0.5
    assert contrasts.guessing((0, 1, 2)) == pytest.approx(1 / 3)
