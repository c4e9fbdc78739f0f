"""Recover a rule from noisy rates and states, of which each trial has two measurements.

Noise in the regressors biases coefficients in two ways: powers of noisy numbers are too large on average, and noisy
columns shrink their coefficients. Two measurements of the same trials with independent normal noise correct both. Their
difference gives the variance s² of the noise, and with it unbiased powers, ``h_n+1(x) = x h_n(x) - n s² h_n-1(x)``.
Products of columns between the two measurements are unbiased, too:

    sum (E1^T E2 + E2^T E1)/2 value = sum (E1 + E2)^T change / 2

The noise of rate and deviation of a synapse is assumed to be independent. Where it is not, as on synapses of
a unit onto itself if states were computed from rates, ``plastic`` can leave them out.
"""

import torch
from torch import Tensor

from threefactor.analysis.recovery.recording import Recording, Terms, deviations, gates
from threefactor.analysis.recovery.regression import Fit
from threefactor.contract import Rule
from threefactor.kernels.torch.eligibility_sums import basis
from threefactor.learning_rules.polynomial import step_weights


def recover_twice(rule: Rule, first: Recording, second: Recording, terms: Terms) -> Fit:
    """Fit the coefficients of the terms; error bars by leaving out one trial at a time (jackknife).

    Parameters
    ----------
    rule
        A polynomial rule with the constants; its theta does not matter.
    first, second
        Two measurements of the same trials, in float64.
    terms
        (k, l) of the p coefficients.
    """
    gate_value = gates(rule, first)
    chosen = (first.learning & (gate_value != 0)).nonzero().tolist()
    both = [(part.rate, deviations(rule, part)) for part in (first, second)]
    spread = [float((one - other).var() / 2) for one, other in zip(*both, strict=True)]
    weight = step_weights(rule.params, first.rate[:, 0])[:, None]
    grams, sides, squares, rows, clipped = [], [], [], 0, 0
    for b, h in chosen:
        change = first.change[b, h]
        free = first.plastic & (change.abs() < rule.params.clip)
        one, other = (
            gate_value[b, h] * _columns(terms, rate[b, h], deviation[b, h], weight, spread)[:, free]
            for rate, deviation in both
        )
        grams.append((one @ other.T + other @ one.T) / 2)
        sides.append((one + other) @ change[free] / 2)
        squares.append(change[free].square().sum())
        rows, clipped = rows + int(free.sum()), clipped + int((first.plastic & ~free).sum())
    return _solve(torch.stack(grams), torch.stack(sides), torch.stack(squares).sum(), rows, clipped)


def _columns(terms: Terms, rate: Tensor, deviation: Tensor, weight: Tensor, spread: list[float]) -> Tensor:
    """Return unbiased basis eligibilities of one trial; p i j."""
    pre = _powers(rate[None], max(k for k, _ in terms), spread[0])
    post = _powers(deviation[None], max(l for _, l in terms), spread[1])
    return basis(terms, pre, {l: weight * x for l, x in post.items()})[0]


def _powers(x: Tensor, most: int, spread: float) -> dict[int, Tensor]:
    """Return unbiased estimates of the powers of x without its noise."""
    found = {0: torch.ones_like(x), 1: x}
    for n in range(1, most):
        found[n + 1] = x * found[n] - n * spread * found[n - 1]
    return found


def _solve(grams: Tensor, sides: Tensor, square: Tensor, rows: int, clipped: int) -> Fit:
    """Solve the estimating equations of all blocks; g p p and g p."""
    scale = grams.sum(0).diagonal().abs().sqrt()
    grams, sides = grams / scale[:, None] / scale, sides / scale
    inverse = torch.linalg.inv(grams.sum(0))
    value = inverse @ sides.sum(0)
    count = len(grams)
    without = torch.linalg.solve(grams.sum(0) - grams, (sides.sum(0) - sides)[..., None])[..., 0]
    share = torch.einsum("ap,gpq,aq->ga", inverse, grams, inverse) / inverse.diagonal()
    left = (square - value @ sides.sum(0)).clamp(min=0)
    return Fit(
        value=value / scale,
        standard_error=((count - 1) / count * (without - value).square().sum(0)).sqrt() / scale,
        freedom=(1 / share.square().sum(0)).clamp(min=1),
        unit=square.sqrt() / scale,
        residual=float((left / rows).sqrt()),
        condition=float(torch.linalg.cond(grams.sum(0)) ** 0.5),
        trials=count,
        rows=rows,
        clipped=clipped,
    )
