"""Main effects of locality and feedback on a measure, and their interaction, from rules that fill a 2 × 2.

With μ_lf the mean over the rules of a cell, l local or not, f error or reward,

    locality = ½ Σ_f (μ_1f − μ_0f)        feedback = ½ Σ_l (μ_l1 − μ_l0)        interaction = μ_11 − μ_10 − μ_01 + μ_00

All networks of one initialisation are compared with each other alone: rules get the effects ρ of the fit
value = ρ_rule + ν_initialisation, so that a rule whose networks reach the level only from easy starts has no advantage.

Two intervals say two things. *Over initialisations* (bootstrap, `expanded_level`): how sure the effect is of these rules,
with other networks. *Over rules*: how sure it is of other rules of the same cells, for which rules are the units, few as
they are,

    effect ± t · s √(Σ_cells w² / n_cell)        s² pooled over cells, with Σ (n_cell − 1) degrees of freedom

A bootstrap of the rules of each cell, with their networks, is too narrow for few rules: with two a cell its 95 % hold the
truth in 89 % of cases (`python -m benchmarks power`). The exact p of a main effect exchanges rules between cells.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from threefactor.analysis.solutions.bootstrap import expanded_level, interval
from threefactor.analysis.solutions.exchange import exchange_p

EFFECTS = {
    "locality": np.array([[-0.5, -0.5], [0.5, 0.5]]),
    "feedback": np.array([[-0.5, 0.5], [-0.5, 0.5]]),
    "interaction": np.array([[1.0, -1.0], [-1.0, 1.0]]),
}
"""Weights w of the cells by the name of the effect, (local, error): not, is."""


class Effect(NamedTuple):
    """An effect in the unit of the measure."""

    effect: str
    estimate: float
    standardised: float  # by within_sd; so are its intervals if divided by it; NaN where that is 0
    within_sd: float  # between networks of one rule, pooled over rules
    low: float  # 95 %, over initialisations, of these rules
    high: float
    low_rules: float  # 95 %, over rules; NaN with one rule in every cell
    high_rules: float
    p_rules: float  # of the same t
    p_exact: float  # of exchanging rules (`exchange_p`); NaN for the interaction, which has no such test
    smallest_p: float  # that the exact test can give with so few rules


def rule_effects(table: NDArray[np.float64], counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fit value = ρ_rule + ν_initialisation by least squares in each bootstrap sample.

    Parameters
    ----------
    table : ndarray
        Values, (r, n); NaN where a rule has no network of an initialisation.
    counts : ndarray
        How often each initialisation was drawn, (d, n).

    Returns
    -------
    ndarray
        ρ with a mean of zero, (d, r); NaN where a rule was not drawn beside others.
    """
    there = np.isfinite(table)
    values, size = np.where(there, table, 0.0), np.maximum(there.sum(0), 1)
    centred = np.where(there, table - values.sum(0) / size, 0.0)
    present = there.astype(float)
    # normal equations once ν is eliminated: a Laplacian of which rules were drawn beside which
    joint = np.einsum("dn,rn,sn->drs", counts / size, present, present)
    drawn = counts @ present.T
    laplacian = np.eye(len(table)) * drawn[:, None] - joint
    fitted = (np.linalg.pinv(laplacian, hermitian=True) @ (counts @ centred.T)[..., None])[..., 0]
    rank = np.linalg.matrix_rank(laplacian, hermitian=True)
    return np.where((rank == len(table) - 1)[:, None], fitted, np.nan)


def pooled_sd(table: NDArray[np.float64]) -> float:
    """Give the standard deviation between networks of one rule, pooled over rules (r, n)."""
    count = np.isfinite(table).sum(1)
    use = count > 1
    if not use.any():
        return float("nan")
    return float(np.sqrt((np.nanvar(table[use], axis=1) * count[use]).sum() / (count[use] - 1).sum()))


def two_by_two(
    table: NDArray[np.float64],
    is_local: NDArray[np.bool_],
    gets_error: NDArray[np.bool_],
    counts: NDArray[np.float64],
) -> list[Effect]:
    """Estimate the effects of locality and feedback and their interaction.

    Parameters
    ----------
    table : ndarray
        A measure, (r, n), of r rules and n initialisations; NaN where there is no network.
    is_local, gets_error : ndarray
        Cell of each rule, (r) bool each.
    counts : ndarray
        Bootstrap counts of the initialisations, (d, n).

    Raises
    ------
    ValueError
        If a cell has no rule.
    """
    cells = 2 * is_local.astype(np.int64) + gets_error
    sizes = np.bincount(cells, minlength=4)
    if not sizes.all():
        empty = ("neither", "error", "local", "local, error")[int(sizes.argmin())]
        raise ValueError(f"cell {empty!r} = no rule: must have at least one in every cell")
    own = rule_effects(table, np.ones((1, table.shape[1])))[0]
    samples, within = rule_effects(table, counts), pooled_sd(table)
    level = expanded_level(table.shape[1])
    exact = {
        "locality": exchange_p(own, is_local, gets_error),
        "feedback": exchange_p(own, gets_error, is_local),
        "interaction": (float("nan"), float("nan")),
    }
    found = []
    for name, weights in EFFECTS.items():
        contrast = weights.ravel()[cells] / sizes[cells]
        estimate = float(contrast @ own)
        over_networks, over_rules = interval(samples @ contrast, level), _over_rules(own, cells, contrast)
        found.append(
            Effect(
                name,
                estimate,
                estimate / (within or float("nan")),
                within,
                *over_networks,
                *over_rules,
                *exact[name],
            )
        )
    return found


def _over_rules(
    own: NDArray[np.float64], cells: NDArray[np.int64], contrast: NDArray[np.float64]
) -> tuple[float, float, float]:
    """Give the 95 % interval over rules of a contrast (r) of rules (r) in cells, and the p of there being none."""
    sizes = np.bincount(cells)
    freedom = int((sizes - 1).sum())
    if freedom < 1:
        return float("nan"), float("nan"), float("nan")
    estimate, means = contrast @ own, np.bincount(cells, own) / sizes
    # ASSUME rules of all cells scatter alike
    error = np.sqrt(((own - means[cells]) ** 2).sum() / freedom * (contrast**2).sum())
    reach = stats.t.ppf(0.975, freedom) * error
    p = 2 * stats.t.sf(abs(estimate) / max(error, np.finfo(float).tiny), freedom)
    return float(estimate - reach), float(estimate + reach), float(p)
