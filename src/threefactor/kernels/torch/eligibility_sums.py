"""The sums over the time of a trial as matrix products in plain PyTorch: any device and precision, real or complex.

    e = sum_l (w deviation^l)^T (sum_k theta_kl r^k)
    z = (w deviation^l)^T r^k + sum_k (w a_k * deviation_tangent)^T r^k + sum_l (w deviation^l)^T (b_l * q)

with ``a_k = sum_l theta_kl l deviation^(l-1)``, ``b_l = sum_k theta_kl k r^(k-1)`` and the weight w of each step.
"""

from collections.abc import Iterable

import torch
from torch import Tensor

from threefactor.kernels import scans
from threefactor.kernels.linearised import LinearisedTrial, Terms
from threefactor.kernels.standardise import Standardised, Used, jvp

LIMIT = 50_000_000  # numbers in an array over networks, time, coefficients and units
CHUNK = 2  # networks at a time, so that their tangents stay in a CPU's cache


def eligibility(
    theta: Tensor,
    terms: Terms,
    deviation: Tensor,
    rate: Tensor,
    step_weight: Tensor,
    gate: Tensor,
    bound: float,
) -> Tensor:
    """Return the gated eligibility; see `threefactor.kernels.eligibility_sums.eligibility`."""
    grid = active(theta, terms)
    pre, post = powers(rate, grid), powers(deviation, [(l, k) for k, l in grid])
    post_powers = sorted({l for _, l in grid})
    left = torch.cat([step_weight * post[l] for l in post_powers], 1)
    parts = [_polynomial(theta[..., l], pre, [k for k, m in grid if m == l]) for l in post_powers]
    right = torch.cat(parts, 1)
    return clip(gate[:, None, None] * (left.mT @ right), bound)


def through_trial(
    theta: Tensor,
    terms: Terms,
    linearised: LinearisedTrial,
    weights: Tensor,
    clamped: Tensor,
    leak: float,
    trace_decay: float,
    weight_tangent: Tensor,
    trace_tangent: Tensor,
    *,
    limit: int = LIMIT,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return z, rho and psi; see `threefactor.kernels.eligibility_sums.through_trial`.

    Steps are taken some at a time, so that an array of what is kept of them stays within so many numbers.
    """
    batch, count, units = trace_tangent.shape
    z, rho = torch.zeros_like(weight_tangent), torch.zeros_like(trace_tangent[:, :, 0])
    chi, psi = torch.zeros_like(trace_tangent), trace_tangent
    used = Used(torch.zeros_like(chi), torch.zeros_like(chi))
    if count == 0:
        return z, rho, psi
    flat = weight_tangent.reshape(batch, count * units, units).mT
    at_once = max(1, limit // trace_tangent.numel())
    for first in range(0, linearised.rate.shape[1], at_once):
        rate, deviation, onto_rate = (
            x[:, first : first + at_once]
            for x in (linearised.rate, linearised.deviation, linearised.onto_rate)
        )
        steps = rate.shape[1]
        slope = linearised.slope[:, first : first + steps + 1]
        drive = (rate @ flat).view(batch, steps, count, units)
        chis = scans.tangent_scan(weights, slope[:, :-1], drive, chi, clamped, leak)
        psis = scans.trace_scan(chis[:, 1:], psi, trace_decay)
        q = slope[:, :, None] * chis
        part = LinearisedTrial(
            rate, slope, deviation, linearised.step_weight[first : first + steps], onto_rate
        )
        change = psis[:, :-1] - chis[:, 1:]
        if linearised.standard is not None and linearised.standardised is not None:
            made = Standardised(*(x[:, first : first + steps] for x in linearised.standardised))
            change, used = jvp(made, linearised.standard, change, used)
        add_eligibility_tangent(z, theta, terms, part, change, q[:, :-1])
        rho = rho + torch.einsum("bti,btpi->bp", onto_rate, q[:, 1:])
        chi, psi = chis[:, -1], psis[:, -1]
    return z, rho, psi


def move(
    tangent: Tensor, z: Tensor, e: Tensor, gate: Tensor, gate_tangent: Tensor, bound: float, decay: float
) -> Tensor:
    """Return the weight tangent after the trial; see `threefactor.kernels.eligibility_sums.move`."""
    gate_value = gate[:, None, None]
    change = torch.addcmul(gate_tangent[..., None, None] * e[:, None], gate_value[:, None], z)
    return (1 - decay) * tangent + change.mul_(((gate_value * e).abs() < bound)[:, None])


def clip(proposed: Tensor, bound: float) -> Tensor:
    """Return the proposed update within ±bound; also for complex tensors, by their real part."""
    if bound == float("inf"):
        return proposed
    if proposed.is_complex():
        limited = bound * torch.sign(proposed.real)
        return torch.where(proposed.real.abs() < bound, proposed, limited.to(proposed.dtype))
    return proposed.clamp(-bound, bound)


def active(theta: Tensor, terms: Terms) -> list[tuple[int, int]]:
    """Return the (k, l) that take part: the nonzero coefficients and those that carry tangents, in order."""
    used = theta.detach().reshape(-1, *theta.shape[-2:]) != 0
    nonzero = {(int(k), int(l)) for k, l in used.any(0).nonzero()}
    return sorted(nonzero | set(terms)) or [(0, 0)]


def powers(x: Tensor, grid: Iterable[tuple[int, int]]) -> dict[int, Tensor]:
    """Return x to each power that stands first in the grid, and to all below it."""
    result = {0: torch.ones_like(x), 1: x}
    for n in range(2, max(n for n, _ in grid) + 1):
        result[n] = result[n - 1] * x
    return result


def basis(terms: Terms, pre: dict[int, Tensor], post: dict[int, Tensor]) -> Tensor:
    """Return the basis eligibilities ``(w deviation^l)^T r^k`` of the terms that carry tangents; b p i j.

    The postsynaptic units may be some of the presynaptic ones.
    """
    ks, ls = sorted({k for k, _ in terms}), sorted({l for _, l in terms})
    batch, _, units = pre[0].shape
    product = torch.cat([post[l] for l in ls], 2).mT @ torch.cat([pre[k] for k in ks], 2)
    blocks = product.view(batch, len(ls), -1, len(ks), units)
    return torch.stack([blocks[:, ls.index(l), :, ks.index(k)] for k, l in terms], 1)


def basis_eligibilities(terms: Terms, deviation: Tensor, rate: Tensor, step_weight: Tensor) -> Tensor:
    """Return ``(w deviation^l)^T r^k`` of the terms, from deviation (b t i), rate (b t j) and w (t i); b p i j."""
    post = {l: step_weight * x for l, x in powers(deviation, [(l, k) for k, l in terms]).items()}
    return basis(terms, powers(rate, terms), post)


def add_eligibility_tangent(
    z: Tensor,
    theta: Tensor,
    terms: Terms,
    linearised: LinearisedTrial,
    deviation_tangent: Tensor,
    rate_tangent: Tensor,
) -> None:
    """Add to z (b p i j) what the steps of the trial bring, with their tangents (b t p i and b t p j).

    The first columns are those of the terms; all others have no direct part.
    """
    grid = active(theta, terms)
    pre = powers(linearised.rate, grid)
    post = {
        l: linearised.step_weight * power
        for l, power in powers(linearised.deviation, [(l, k) for k, l in grid]).items()
    }
    if terms:
        z[:, : len(terms)] += basis(terms, pre, post)
    through_post = _slopes([(k, l, theta[k, l]) for k, l in grid], post)
    through_pre = _slopes([(l, k, theta[k, l]) for k, l in grid], pre)
    chunk = CHUNK if z.device.type == "cpu" else len(z)
    for part in (slice(first, first + chunk) for first in range(0, len(z), chunk)):
        if through_post:
            left = _weighted(through_post, deviation_tangent, part)
            z[part].flatten(1, 2).baddbmm_(left.mT, torch.cat([pre[k][part] for k in through_post], 1))
        if through_pre:
            right = _weighted(through_pre, rate_tangent, part)
            product = torch.cat([post[l][part] for l in through_pre], 1).mT @ right
            z[part] += product.unflatten(2, z.shape[1::2]).transpose(1, 2)


def _slopes(terms: list[tuple[int, int, Tensor]], power: dict[int, Tensor]) -> dict[int, Tensor]:
    """Return ``sum_n c n x^(n-1)`` for each m of the terms (m, n, c); m without a slope is left out. b t i each."""
    slopes: dict[int, Tensor] = {}
    for m, n, coefficient in terms:
        if n > 0:
            slopes[m] = slopes.get(m, 0) + coefficient * n * power[n - 1]
    return slopes


def _weighted(slopes: dict[int, Tensor], tangent: Tensor, part: slice) -> Tensor:
    """Return the tangents of some networks (b t p i) times each slope, one after the other in time; b mt pi."""
    networks, steps, count, units = tangent[part].shape
    product = tangent.new_empty(networks, len(slopes), steps, count, units)
    for m, slope in enumerate(slopes.values()):
        torch.mul(slope[part, :, None], tangent[part], out=product[:, m])
    return product.flatten(3, 4).flatten(1, 2)


def _polynomial(coefficients: Tensor, power: dict[int, Tensor], exponents: list[int]) -> Tensor:
    """Return the sum of coefficient (k, or b k) times power (b t i) over the exponents."""
    each = coefficients[..., None, None, :]
    total = each[..., exponents[0]] * power[exponents[0]]
    for k in exponents[1:]:
        total = torch.addcmul(total, each[..., k], power[k])
    return total
