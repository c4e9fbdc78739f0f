"""A standardised signal and its derivatives: against a loop, the complex step, autograd and adjointness."""

import pytest
import torch

import references
from small_runs import relative
from threefactor.kernels.standardise import BY_CONSTANT, Standard, Used, jvp, standardise, vjp

BATCH, STEPS, UNITS, TANGENTS = 2, 11, 3, 4
STANDARDS = {
    "normalised": Standard(None, 0.7, 0.3),
    "standardised": Standard(0.4, 0.8, 0.2),
    "normalised and bounded": Standard(None, 0.7, 0.3, 1.5),
    "standardised and bounded": Standard(0.4, 0.8, 0.2, 0.6),
}


@pytest.fixture
def normal():
    generator = torch.Generator().manual_seed(3)
    return lambda *shape: torch.randn(*shape, dtype=torch.float64, generator=generator)


def by_loop(signal, standard):
    """Return the standardised signal step by step."""
    mean, square, found = torch.zeros_like(signal[:, 0]), torch.zeros_like(signal[:, 0]), []
    for value in signal.unbind(1):
        one, mean, square = references.standardise(value, mean, square, standard)
        found.append(one)
    return torch.stack(found, 1)


@pytest.mark.parametrize("standard", STANDARDS.values(), ids=STANDARDS)
def test_values_are_those_of_the_loop(standard, normal):
    signal = normal(BATCH, STEPS, UNITS)
    found = standardise(signal, standard).values
    assert relative(found, by_loop(signal, standard)) < 1e-14
    assert found.abs().max() < standard.bound


def test_without_a_bound_nothing_changes_and_a_far_one_changes_little(normal):
    signal = normal(BATCH, STEPS, UNITS)
    free = standardise(signal, Standard(0.4, 0.8, 0.2))
    assert torch.equal(free.values, free.centred * free.scale)
    errors = [
        relative(standardise(signal, Standard(0.4, 0.8, 0.2, b)).values, free.values) for b in (400, 800)
    ]
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.01)


def test_powers_of_what_was_never_seen_stay_within_those_of_the_bound(normal):
    signal = 0.1 * normal(BATCH, STEPS, UNITS)
    signal[:, -1] = 1e3
    free, held = (standardise(signal, Standard(0.4, 0.8, 0.2, b)).values for b in (float("inf"), 5.0))
    assert (free[:, -1] ** 5).min() > 1e15
    assert (held[:, -1] ** 5).max() <= 5**5
    assert relative(held[:, :-1], free[:, :-1]) < 0.1


@pytest.mark.parametrize("standard", STANDARDS.values(), ids=STANDARDS)
def test_tangents_equal_the_complex_step_and_autograd(standard, normal):
    signal, tangent = normal(BATCH, STEPS, UNITS), normal(BATCH, STEPS, TANGENTS, UNITS)
    nothing, used, parts = torch.zeros_like(tangent[:, 0]), None, []
    made = standardise(signal, standard)
    for steps in (slice(0, 4), slice(4, STEPS)):
        part = type(made)(*(x[:, steps] for x in made))
        found, used = jvp(part, standard, tangent[:, steps], used or Used(nothing, nothing))
        parts.append(found)
    found = torch.cat(parts, 1)
    for p in range(TANGENTS):
        turned = standardise(signal + 1e-30j * tangent[:, :, p], standard).values.imag / 1e-30
        assert relative(found[:, :, p], turned) < 1e-13
        _, exact = torch.func.jvp(lambda x: by_loop(x, standard), (signal,), (tangent[:, :, p],))
        assert relative(found[:, :, p], exact) < 1e-13


@pytest.mark.parametrize("standard", STANDARDS.values(), ids=STANDARDS)
def test_the_way_back_is_the_adjoint(standard, normal):
    signal, onto = normal(BATCH, STEPS, UNITS).requires_grad_(), normal(BATCH, STEPS, UNITS)
    (exact,) = torch.autograd.grad((by_loop(signal, standard) * onto).sum(), signal)
    assert relative(vjp(standardise(signal.detach(), standard), standard, onto), exact) < 1e-13


@pytest.mark.parametrize(
    ("name", "constant"),
    [
        (name, constant)
        for name, standard in STANDARDS.items()
        for constant in BY_CONSTANT
        if getattr(standard, constant) is not None  # as is the mean's, of what is normalised
    ],
)
def test_derivatives_with_respect_to_constants_equal_autograd(name, constant, normal):
    standard, signal = STANDARDS[name], normal(BATCH, STEPS, UNITS)
    at = torch.tensor(getattr(standard, constant), dtype=torch.float64)
    exact = torch.func.jacfwd(lambda x: by_loop(signal, standard._replace(**{constant: x})))(at)
    found = BY_CONSTANT[constant](standardise(signal, standard), standard)
    if at.isinf():
        assert not found.any()
        assert not exact.any()
    else:
        assert relative(found, exact) < 1e-13
