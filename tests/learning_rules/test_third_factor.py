"""The third factor: its factor f(u, v), and its derivatives."""

import pytest
import torch

from references import gate_factor
from small_runs import DOUBLE, GATE_SHAPE, relative
from threefactor.contract import Feedback, GateShape
from threefactor.learning_rules.third_factor import Constants, features, gate, shape_derivatives, slopes

TINY = 1e-30
SHAPE = GateShape(**GATE_SHAPE)
PLAIN = Constants(0.3, 0.1, 1.5, 0.5, 2)
REWARD = torch.tensor([-0.4, -2.3, -0.7, 1.2, 0.3, -0.9, 1.0, -0.6], dtype=DOUBLE)
BASELINE = torch.tensor([-0.7, -0.5, -0.7, 0.4, 0.8, 0.6, -1.0, -3.0], dtype=DOUBLE)
SHAPES = {
    "none": GateShape(),
    "all": SHAPE,
    **{f"only {name}": GateShape(**{name: value}) for name, value in GATE_SHAPE.items()},
}


def heard(reward=REWARD, baseline=BASELINE):
    return Feedback(reward, baseline, torch.zeros_like(reward))


def shaped(shape, exponent=1.5):
    return PLAIN._replace(shape=shape, baseline_exponent=exponent)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_gate_equals_a_slow_loop(shape):
    params = shaped(SHAPES[shape])
    exact = [
        0.3 * abs(baseline) ** 1.5 * (reward - baseline) * gate_factor(reward, baseline, params)
        for reward, baseline in zip(REWARD, BASELINE, strict=True)
    ]
    torch.testing.assert_close(gate(params, heard()), torch.stack(exact), rtol=1e-13, atol=0)
    assert torch.equal(gate(params, heard()), gate(PLAIN, heard())) == (shape == "none")


@pytest.mark.parametrize("exponent", [0.0, 0.5, 1.5])
@pytest.mark.parametrize("shape", SHAPES)
def test_slopes_equal_the_complex_step(shape, exponent):
    """With rewards on either side of zero, and one that is its baseline."""
    params, nothing = shaped(SHAPES[shape], exponent), torch.zeros_like(REWARD)
    up = [
        gate(params, heard(torch.complex(REWARD, TINY * (1 - s)), torch.complex(BASELINE, TINY * s)))
        for s in (nothing, nothing + 1)
    ]
    for found, exact in zip(slopes(params, heard()), up, strict=True):
        assert relative(found, exact.imag / TINY) < 1e-14


def test_derivatives_by_coefficients_are_what_a_unit_of_each_adds():
    for shape in (GateShape(), SHAPE):
        found = shape_derivatives(shaped(shape), heard())
        assert list(found) == list(GateShape._fields)
        for name, direct in found.items():
            more = shape._replace(**{name: getattr(shape, name) + 1})
            rise = gate(shaped(more), heard()) - gate(shaped(shape), heard())
            torch.testing.assert_close(direct, rise, rtol=1e-13, atol=1e-15)
            assert direct.any()


def test_without_reward_and_baseline_all_is_finite():
    nothing = torch.zeros(1, dtype=DOUBLE)
    there = heard(nothing, nothing)
    assert features(there)[0] == 0
    for exponent in (0.0, 0.5, 1.5):
        params = shaped(SHAPE, exponent)
        assert gate(params, there) == 0
        assert (
            torch.stack([*slopes(params, there), *shape_derivatives(params, there).values()]).isfinite().all()
        )


def test_features_are_bounded_whatever_the_reward():
    sizes = torch.tensor([0.0, 1e-30, 1e-3, 1.0, 1e3, 1e30])
    reward, baseline = torch.cartesian_prod(sizes, sizes).T
    for there in (heard(reward, baseline), heard(-reward, baseline), heard(-reward, -baseline)):
        for feature in features(there):
            assert (feature.abs() <= 1).all()
            assert feature.max() > 0.99 or feature.min() < -0.99
