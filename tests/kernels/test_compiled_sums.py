"""The sums over a trial compiled for the CPU equal those of PyTorch, for sizes on either side of every tile."""

import subprocess
import sys

import pytest
import torch

from threefactor.kernels import scans, sums
from threefactor.kernels.backend import compiles
from threefactor.kernels.linearised import LinearisedTrial
from threefactor.kernels.torch import sums as products

compiled_sums = pytest.importorskip("threefactor.kernels.cpu.sums")
from threefactor.kernels.cpu import jit, lanes  # noqa: E402
from threefactor.kernels.cpu import tangents as compiled_tangents  # noqa: E402

DENSE = [tuple((k, l) for k in range(d + 1) for l in range(d + 1)) for d in range(6)]
ODD = tuple((k, l) for k in (1, 3, 5) for l in (1, 3, 5))
# Smaller than a vector of any processor; one and a bit; several; time in one slice, in several, and in several chunks.
SIZES = [(3, 1, 4), (2, 5, 7), (1, 16, 33), (2, 21, 50), (1, 37, 163)]


def trial(batch, units, steps, terms, dtype, seed=0):
    """Return theta and the course of a trial, one unit of which is clamped."""
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
    found = sums.eligibility(
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
        found, exact = compiled_tangents.through_trial(*arguments), products.through_trial(*arguments)
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
        return sums.through_trial(
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
    z, rho, _ = compiled_tangents.through_trial(
        theta, ODD, linearised, normal(2, 5, 5), clamped, 0.1, 0.6, tangent, normal(2, 9, 5)
    )
    assert rho[0, 0].isnan()
    assert z[0, 0].isnan().any()
    assert z[1].isfinite().all()


def test_compiled_code_is_left_to_real_numbers_without_autograd():
    plain = torch.zeros(1)
    assert compiles(plain, plain)
    assert compiles(plain.double(), torch.zeros(1) > 0)
    assert not compiles(plain, plain.to(torch.complex64))
    assert not compiles(plain.clone().requires_grad_())
    with torch.no_grad():
        assert compiles(plain.clone().requires_grad_())


def test_an_edit_to_any_kernel_forgets_compiled_code(tmp_path):
    sources, home = tmp_path / "sources", tmp_path / "sources/numba"
    sources.mkdir()
    (sources / "lanes.py").write_text("a = 1\n")
    first = jit.keep(sources, home)
    first.mkdir(parents=True)
    assert jit.keep(sources, home) == first
    assert first.exists()
    (sources / "lanes.py").write_text("a = 2\n")
    assert jit.keep(sources, tmp_path / "shared") != tmp_path / "shared" / first.name
    assert jit.keep(sources, home) != first
    assert not first.exists()


def test_what_is_compiled_for_one_precision_is_given_no_other():
    assert not compiles(torch.zeros(1), torch.zeros(1).double())
    assert not compiles(torch.zeros(1).half())
    assert not compiles(torch.zeros(1, dtype=torch.int64))
    weights, drive = torch.zeros(1, 32, 32).double(), torch.zeros(1, 3, 32)
    with pytest.raises(RuntimeError, match=r"same dtype|scalar type"):
        scans.scan(weights, drive, drive[:, 0], torch.zeros(32) > 0, 0.1)


def test_chunks_of_steps_give_the_same_eligibility(monkeypatch):
    theta, linearised, _, normal = trial(2, 21, 50, DENSE[3], torch.float64)
    arguments = theta, linearised.deviation, linearised.rate, linearised.step_weight, normal(2), float("inf")
    whole = compiled_sums.eligibility(*arguments)
    monkeypatch.setattr(compiled_sums, "CHUNK", 1000)
    assert relative(compiled_sums.eligibility(*arguments), whole) < 1e-13


def test_nothing_moves_where_nothing_may():
    _, _, _, normal = trial(1, 5, 7, ODD, torch.float64)
    tangent, nothing = normal(1, 9, 5, 5), torch.zeros(1, 5, 5).double()
    moved = compiled_sums.move(tangent, normal(1, 9, 5, 5), nothing, normal(1), normal(1, 9), 0.0, 0.0)
    assert torch.equal(moved, tangent)


def test_a_rule_without_coefficients_has_no_tangents():
    theta, linearised, clamped, normal = trial(2, 5, 7, DENSE[1], torch.float64)
    nothing = torch.zeros(2, 0, 5, 5).double()
    z, rho, psi = sums.through_trial(
        theta, (), linearised, normal(2, 5, 5), clamped, 0.1, 0.6, nothing, nothing[:, :, 0]
    )
    assert z.shape == nothing.shape
    assert rho.numel() == psi.numel() == 0


def test_compiled_code_is_found_again():
    """A second process compiles nothing: what a function is compiled for stands in its types alone."""
    script = (
        "import torch; from threefactor.kernels import scans; from threefactor.kernels.cpu import scans as compiled\n"
        "scans.scan(torch.zeros(1, 5, 5), torch.zeros(1, 3, 5), torch.zeros(1, 5), torch.zeros(5) > 0, 0.1)\n"
        "print(sum(compiled._scan.stats.cache_misses.values()))"
    )
    runs = [
        subprocess.check_output([sys.executable, "-W", "ignore", "-c", script], text=True) for _ in range(2)
    ]
    assert runs[-1].strip() == "0"


def test_a_vector_holds_twice_as_many_numbers_of_half_the_size():
    assert lanes.lanes(torch.zeros(1).numpy().dtype) == 2 * lanes.lanes(torch.zeros(1).double().numpy().dtype)
