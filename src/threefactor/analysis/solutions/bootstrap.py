"""Bootstrap over initialisations: one draw of networks serves every rule, so that comparisons stay paired."""

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import stats


def resample_counts(units: int, draws: int, *, generator: torch.Generator) -> NDArray[np.float64]:
    """Draw how often each unit appears in each bootstrap sample.

    Parameters
    ----------
    units : int
        Number of independent units n (initialisations).
    draws : int
        Number of bootstrap samples d.
    generator : torch.Generator
        Source of randomness.

    Returns
    -------
    ndarray
        Counts, (d, n); each row sums to n.
    """
    chosen = torch.randint(units, (draws, units), generator=generator, device=generator.device)
    ones = torch.ones_like(chosen)
    return torch.zeros_like(chosen).scatter_add_(1, chosen, ones).double().cpu().numpy()


def expanded_level(units: int, level: float = 0.95) -> float:
    """Give the level at which a percentile interval of n units holds the truth as often as `level` says.

    1 − 2 Φ(−√(n / (n − 1)) t_{(1 + level) / 2, n − 1}): the width of Student's interval (Hesterberg 2015, expanded
    percentiles); without it the interval of a mean of 24 holds it in 93 % of cases.
    """
    quantile = stats.t.ppf((1 + level) / 2, units - 1) * np.sqrt(units / (units - 1))
    return float(1 - 2 * stats.norm.sf(quantile))


def interval(samples: NDArray[np.float64], level: float = 0.95) -> tuple[float, float]:
    """Give the percentile interval of samples (d), NaN where no sample is finite."""
    finite = samples[np.isfinite(samples)]
    if not len(finite):
        return float("nan"), float("nan")
    low, high = np.quantile(finite, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def weighted_mean(values: NDArray[np.float64], counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the mean of values (n) in each sample, counts (d, n), as (d); NaN where none was drawn."""
    total = counts.sum(1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((counts @ values) / total)


def weighted_deviation(values: NDArray[np.float64], counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the standard deviation of values (n) in each sample, counts (d, n), as (d).

    √(Σ c (x − x̄)² / (Σ c − 1)), which in samples of n networks is smaller than among them, on average by a share of about
    1 / 2n; NaN where fewer than two different networks were drawn, which cannot differ.
    """
    total, different = counts.sum(1), (counts > 0).sum(1)
    centred = values - weighted_mean(values, counts)[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = (counts * centred**2).sum(1) / (total - 1)
        return np.where(different > 1, np.sqrt(np.abs(variance)), np.nan)
