"""The sums over a trial compiled for the CPU equal those of PyTorch, for sizes on either side of every tile."""

import pytest
import torch

from threefactor.kernels import eligibility_sums
from threefactor.kernels.linearised import LinearisedTrial
from threefactor.kernels.standardise import Standard, standardise
from threefactor.kernels.torch import eligibility_sums as products

compiled_sums = pytest.importorskip("threefactor.kernels.cpu.eligibility_sums")
from threefactor.kernels.cpu import tangents as compiled_tangents  # noqa: E402

DENSE = [tuple((k, l) for k in range(d + 1) for l in range(d + 1)) for d in range(6)]
ODD = tuple((k, l) for k in (1, 3, 5) for l in (1, 3, 5))
# Smaller than a vector of any processor; one and a bit; several; time in one slice, in several, and in several chunks.
SIZES = [(3, 1, 4), (2, 5, 7), (1, 16, 33), (2, 21, 50), (1, 37, 163)]


def trial(batch, units, steps, terms, dtype, seed=0):
    """Return theta and a linearised trial, one unit of which is clamped."""
    g = torch.Generator().manual_seed(seed)

    def normal(*shape):
        return torch.randn(*shape, generator=g, dtype=torch.float64).to(dtype)

    theta = torch.zeros(1 + max(k for k, _ in terms), 1 + max(l for _, l in terms), dtype=dtype)
    for k, l in terms:
        theta[k, l] = normal(1)[0]
    clamped = torch.arange(units) == units // 2 if units > 1 else torch.zeros(1, dtype=torch.bool)
    rate = torch.tanh(normal(batch, steps + 1, units))
    step_weight = (0.9 ** torch.arange(steps)).to(dtype)[:, None] * ~clamped
    step_weight[0] = 0
    linearised = LinearisedTrial(
        rate[:, :-1], 1 - rate**2, 0.5 * normal(batch, steps, units), step_weight, normal(batch, steps, units)
    )
    return theta, linearised, clamped, normal


def compiled(*arguments):
    """Take tangents through a trial by the compiled code, whatever the dispatcher would choose."""
    return compiled_tangents.run(compiled_tangents.prepare(*arguments))


def relative(found, exact):
    return ((found - exact).abs().max() / exact.abs().max().clamp_min(1e-300)).item()


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("terms", [((0, 0),), ((3, 3),), ((1, 4), (3, 0)), ODD, DENSE[5]], ids=len)
def test_eligibility(terms, dtype):
    # a sum of some hundred products in another order, its terms larger than it is and than the bound
    tolerance = 1e-12 if dtype == torch.float64 else 3e-4
    for batch, units, steps in SIZES:
        theta, linearised, _, normal = trial(batch, units, steps, terms, dtype)
        for bound in (float("inf"), 0.2):
            arguments = linearised.deviation, linearised.rate, linearised.step_weight, normal(batch), bound
            found = compiled_sums.eligibility(theta, *arguments)
            assert relative(found, products.eligibility(theta, terms, *arguments)) < tolerance


def test_eligibility_without_any_coefficient_is_zero():
    theta, linearised, _, normal = trial(2, 5, 7, DENSE[2], torch.float64)
    none = torch.zeros_like(theta)
    found = eligibility_sums.eligibility(
        none, (), linearised.deviation, linearised.rate, linearised.step_weight, normal(2), 1.0
    )
    assert found.shape == (2, 5, 5)
    assert not found.any()


@pytest.mark.parametrize(
    ("terms", "dtype", "sizes"),
    [(terms, torch.float64, SIZES) for terms in (((0, 0),), ((3, 3), (0, 2)), ODD, *DENSE[1:])]
    + [
        (ODD, torch.float32, SIZES),
        (DENSE[3], torch.float32, [(1, 200, 60)]),
        (DENSE[5], torch.float64, [(1, 7, 500)]),
    ],
)
def test_tangents_of_a_trial(terms, dtype, sizes):
    tolerance = 1e-12 if dtype == torch.float64 else 2e-5
    for batch, units, steps in sizes:
        theta, linearised, clamped, normal = trial(batch, units, steps, terms, dtype)
        weights, trace = 1.2 * normal(batch, units, units) / units**0.5, normal(batch, len(terms), units)
        tangent = normal(batch, len(terms), units, units) / units**0.5
        arguments = theta, terms, linearised, weights, clamped, 0.1, 0.6, tangent, trace
        found, exact = compiled(*arguments), products.through_trial(*arguments)
        assert all(relative(x, y) < tolerance for x, y in zip(found, exact, strict=True))
        assert torch.equal(trace, arguments[-1])


def test_move_of_the_weight_tangent():
    _, _, _, normal = trial(2, 5, 7, ODD, torch.float64)
    tangent, z, e = normal(2, 9, 5, 5), normal(2, 9, 5, 5), normal(2, 5, 5)
    arguments = tangent, z, e, normal(2), normal(2, 9), 0.5, 0.1
    exact, found = products.move(*arguments), compiled_sums.move(*arguments)
    assert relative(found, exact) < 1e-14
    assert 0.1 < (exact == 0.9 * tangent).double().mean() < 0.9


@pytest.mark.parametrize("which", ["z", "e"])
def test_a_move_hands_on_what_is_not_a_number(which):
    """Clipped entries too: a network that overflowed must not look sound."""
    _, _, _, normal = trial(1, 5, 7, ODD, torch.float64)
    given = {"tangent": normal(1, 9, 5, 5), "z": normal(1, 9, 5, 5), "e": 10 * normal(1, 5, 5)}
    given[which][..., 2, 3] = torch.nan if which == "e" else torch.inf
    arguments = *given.values(), normal(1), normal(1, 9), 0.5, 0.1
    exact, found = products.move(*arguments), compiled_sums.move(*arguments)
    assert torch.equal(found.isfinite(), exact.isfinite())
    assert not found.isfinite().all()


def test_networks_do_not_know_of_each_other():
    theta, linearised, clamped, normal = trial(3, 21, 50, ODD, torch.float32)
    weights, tangent, trace = normal(3, 21, 21) / 5, normal(3, 9, 21, 21), normal(3, 9, 21)

    def jvp(part):
        alone = linearised._replace(
            **{n: getattr(linearised, n)[part] for n in ("rate", "slope", "deviation", "onto_rate")}
        )
        return eligibility_sums.through_trial(
            theta, ODD, alone, weights[part], clamped, 0.1, 0.6, tangent[part], trace[part]
        )

    whole, one = jvp(slice(None)), jvp(slice(1, 2))
    assert all(torch.equal(x[1:2], y) for x, y in zip(whole, one, strict=True))


@pytest.mark.parametrize("terms", [ODD, DENSE[2], ((0, 1), (0, 3)), ((1, 1), (3, 1), (5, 1))])
def test_networks_with_a_theta_each(terms):
    """Both forms give each network what it gets alone; terms may be zero in one of the networks."""
    theta, linearised, _, normal = trial(3, 21, 50, terms, torch.float64)
    each = theta * normal(3, 1, 1)
    each[1, terms[0][0], terms[0][1]] = 0
    arguments = linearised.deviation, linearised.rate, linearised.step_weight, normal(3)
    found = compiled_sums.eligibility(each, *arguments, 0.5)
    assert relative(found, products.eligibility(each, terms, *arguments, 0.5)) < 1e-13
    for b in range(3):
        alone = (x if x is linearised.step_weight else x[b : b + 1] for x in arguments)
        assert relative(found[b : b + 1], products.eligibility(each[b], terms, *alone, 0.5)) < 1e-13


def test_what_is_not_a_number_is_handed_on():
    theta, linearised, clamped, normal = trial(2, 5, 7, ODD, torch.float32)
    tangent = normal(2, 9, 5, 5)
    tangent[0, 0, 1, 1] = torch.nan
    z, rho, _ = compiled(theta, ODD, linearised, normal(2, 5, 5), clamped, 0.1, 0.6, tangent, normal(2, 9, 5))
    assert rho[0, 0].isnan()
    assert z[0, 0].isnan().any()
    assert z[1].isfinite().all()


def test_chunks_of_steps_give_the_same_eligibility():
    """So many steps that the compiled code makes its factors for some of them at a time."""
    theta, linearised, _, normal = trial(1, 200, 100, DENSE[5], torch.float64)
    assert compiled_sums.CHUNK < 100 * 5 * 200
    arguments = linearised.deviation, linearised.rate, linearised.step_weight, normal(1), float("inf")
    found = compiled_sums.eligibility(theta, *arguments)
    assert relative(found, products.eligibility(theta, DENSE[5], *arguments)) < 1e-12


@pytest.mark.parametrize("standard", [None, Standard(0.5, 0.7, 0.3)])
def test_steps_taken_some_at_a_time_give_the_same_tangents(standard):
    theta, linearised, clamped, normal = trial(2, 5, 17, ODD, torch.float64)
    if standard is not None:
        made = standardise(linearised.deviation, standard)
        linearised = linearised._replace(deviation=made.values, standard=standard, standardised=made)
    tangent, trace = normal(2, 9, 5, 5), normal(2, 9, 5)
    arguments = theta, ODD, linearised, normal(2, 5, 5), clamped, 0.1, 0.6, tangent, trace
    whole, parts = (products.through_trial(*arguments, limit=limit) for limit in (products.LIMIT, 300))
    assert all(relative(x, y) < 1e-12 for x, y in zip(parts, whole, strict=True))


def test_nothing_moves_where_nothing_may():
    _, _, _, normal = trial(1, 5, 7, ODD, torch.float64)
    tangent, nothing = normal(1, 9, 5, 5), torch.zeros(1, 5, 5).double()
    moved = compiled_sums.move(tangent, normal(1, 9, 5, 5), nothing, normal(1), normal(1, 9), 0.0, 0.0)
    assert torch.equal(moved, tangent)


def test_a_rule_without_coefficients_has_no_tangents():
    theta, linearised, clamped, normal = trial(2, 5, 7, DENSE[1], torch.float64)
    nothing = torch.zeros(2, 0, 5, 5).double()
    z, rho, psi = eligibility_sums.through_trial(
        theta, (), linearised, normal(2, 5, 5), clamped, 0.1, 0.6, nothing, nothing[:, :, 0]
    )
    assert z.shape == nothing.shape
    assert rho.numel() == psi.numel() == 0
