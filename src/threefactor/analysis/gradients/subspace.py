"""The best polynomial rule: how much of the gradient any combination of monomials can follow."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from threefactor.analysis.gradients.alignment import ALL, TERM
from threefactor.analysis.gradients.noise_corrected import mean_cosine

RIDGE = 1e-6
"""Added to the Gram matrix of unit vectors: powers of nearly one direction make it singular."""

FAMILIES = ("best_odd", "best_polynomial")
"""Best rule of the odd-odd monomials, and of all."""

Array = NDArray[np.float64]


def best_rules(table: pd.DataFrame, similarity: pd.DataFrame) -> pd.DataFrame:
    """Return the alignment of the best rule with the gradient, theta being fitted to the other networks.

    ``theta = argmax <sum_p theta_p G_p, -dL/dW> / |sum_p theta_p G_p|`` for the G_p as they were measured, their sampling
    noise included: noisy monomials get little weight. Its alignment is that in the network that was left out.

    Parameters
    ----------
    table, similarity : DataFrame
        Alignment and similarity with rows of the single monomials (``term_<k><l>``).

    Returns
    -------
    DataFrame
        A row per family of `FAMILIES` with monomials of its own: learning_rule (the family), terms (count), and
        `mean_cosine`'s.
    """
    whole = table[(table.trial_type == ALL) & table.compared.str.startswith(TERM)]
    whole = whole[np.isfinite(whole.cosine)]
    known = sorted(set(whole.compared))
    odd = [name for name in known if all(int(power) % 2 for power in name.removeprefix(TERM))]
    rows = [
        {
            "learning_rule": family,
            "terms": len(terms),
            **mean_cosine(_left_out(whole, similarity, terms)),
        }
        for family, terms in zip(FAMILIES, (odd, known if known != odd else []), strict=True)
        if terms
    ]
    return pd.DataFrame(
        rows,
        columns=[
            "learning_rule",
            "terms",
            "networks",
            "uncorrected",
            "signal",
            "noise_corrected",
            "low",
            "high",
        ],
    )


def _left_out(table: pd.DataFrame, similarity: pd.DataFrame, terms: Sequence[str]) -> pd.DataFrame:
    """Return the alignment in each network of the rule fitted to the others; a row per network and snapshot."""
    at = ["learning_rule", "network", "snapshot"]
    known = dict(list(similarity.groupby(at)))
    samples = [
        (key, *_products(part.set_index("compared").loc[list(terms)], known[key], terms))
        for key, part in table.groupby(at)
        if set(terms) <= set(part.compared) and key in known
    ]
    rows = []
    for key, noisy, unbiased, cosine, overlap, gradient_signal in samples:
        others = [sample for sample in samples if sample[0][1] != key[1]]
        if not others:
            continue
        theta = _fit(np.sum([s[1] for s in others], 0), np.sum([s[3] for s in others], 0))
        size = theta @ noisy @ theta
        rows.append(
            {
                "network": key[1],
                "cosine": theta @ cosine / size**0.5,
                "overlap": theta @ overlap / size**0.5,
                "signal": theta @ unbiased @ theta / size,
                "other_signal": gradient_signal,
            }
        )
    return pd.DataFrame(rows, columns=["network", "cosine", "overlap", "signal", "other_signal"])


def _products(
    alone: pd.DataFrame, pairs: pd.DataFrame, terms: Sequence[str]
) -> tuple[Array, Array, Array, Array, float]:
    """Return the Gram matrices of the monomials, noisy and unbiased, and their products with the gradient's direction."""
    place = {term: p for p, term in enumerate(terms)}
    norm = alone.update_norm.to_numpy(float)
    noisy, unbiased = np.eye(len(terms)), np.diag(alone.signal.to_numpy(float))
    kept = pairs[pairs["first"].isin(place) & pairs["second"].isin(place)]
    p, q = kept["first"].map(place).to_numpy(int), kept["second"].map(place).to_numpy(int)
    for matrix, column in ((noisy, "cosine"), (unbiased, "overlap")):
        matrix[p, q] = matrix[q, p] = kept[column].to_numpy(float)
    size = np.outer(norm, norm)
    cosine, overlap = alone.cosine.to_numpy(float) * norm, alone.overlap.to_numpy(float) * norm
    return noisy * size, unbiased * size, cosine, overlap, float(alone.gradient_signal.iloc[0])


def _fit(gram: Array, product: Array) -> Array:
    """Return the coefficients of the best combination, of any scale."""
    unit = np.sqrt(np.diag(gram))
    scaled = gram / np.outer(unit, unit) + RIDGE * np.eye(len(unit))
    return np.asarray(np.linalg.solve(scaled, product / unit) / unit)
