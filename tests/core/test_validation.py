"""The validation's own references agree with each other, and see mistakes."""

import pytest
import torch

from core.settings import BATCH, DOUBLE, KINDS, OFF, ON, UNITS, experiences, network, rule
from threefactor.validation import lifetimes
from threefactor.validation.accuracy import errors, relative_error


@pytest.mark.parametrize("options", [ON, OFF], ids=["on", "off"])
def test_complex_step_autograd_and_tangents_agree(options):
    net, learned, lived = network(options), rule(options, 3, warm_up=0), experiences(8, reward="graded")
    tangents = lifetimes.by_tangents(learned, net, lived, KINDS, DOUBLE)
    exact = lifetimes.by_complex_step(learned, net, lived, KINDS)
    for name, error in errors(tangents, exact).items():
        assert error[~error.isnan()].max() < 1e-12, name
    direction = torch.randn(UNITS, UNITS, dtype=DOUBLE, generator=torch.Generator().manual_seed(6))
    reward, weights = lifetimes.by_autograd(learned, net, lived, KINDS, direction)
    torch.testing.assert_close(reward, exact.reward, rtol=1e-9, atol=1e-13)
    torch.testing.assert_close(weights, (exact.weights * direction).sum((3, 4)), rtol=1e-9, atol=1e-13)
    assert exact.reward[-1].abs().min() > 0


def test_differences_approach_the_tangents():
    net, learned, lived = network(OFF), rule(OFF, 2, warm_up=0), experiences(6)
    exact = lifetimes.by_complex_step(learned, net, lived, KINDS)
    last = [
        errors(lifetimes.by_differences(learned, net, lived, KINDS, step), exact)["reward_tangent"][-1]
        for step in (1e-2, 1e-3)
    ]
    assert last[0] / last[1] == pytest.approx(100, rel=0.2)


def test_a_wrong_tangent_has_an_error_of_its_size():
    exact = torch.randn(3, BATCH, 4, dtype=DOUBLE, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(relative_error(1.01 * exact, exact), torch.full((3,), 0.01, dtype=DOUBLE))
