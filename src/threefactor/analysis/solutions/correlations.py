"""How measures of networks go together with another one, such as sharpness with the error out of distribution.

Correlations are of ranks (Spearman). *Within rules* the ranks are those among networks of one rule, from 0 to 1, less
their mean: a rule whose networks are both sharper and worse than those of others makes no correlation within rules.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from threefactor.analysis.solutions.bootstrap import expanded_level, interval


class Correlation(NamedTuple):
    """A correlation of ranks and its 95 % interval, a bootstrap over initialisations."""

    estimate: float
    low: float
    high: float


def correlation(
    first: NDArray[np.float64], second: NDArray[np.float64], counts: NDArray[np.float64]
) -> Correlation:
    """Correlate the ranks of two measures.

    Parameters
    ----------
    first, second : ndarray
        The measures of n networks, (n).
    counts : ndarray
        How often each network was drawn, with its initialisation, (d, n).
    """
    return _correlated(rankdata(first), rankdata(second), counts)


def correlation_within(
    first: NDArray[np.float64],
    second: NDArray[np.float64],
    groups: NDArray[np.int64],
    counts: NDArray[np.float64],
) -> Correlation:
    """Correlate the ranks of two measures within groups (n) of networks; see `correlation`."""
    return _correlated(_ranks_within(first, groups), _ranks_within(second, groups), counts)


def _ranks_within(values: NDArray[np.float64], groups: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give the ranks of values (n) among those of their group, from −½ to ½."""
    ranks = np.zeros(len(values))
    for group in np.unique(groups):
        own = groups == group
        ranks[own] = (rankdata(values[own]) - 0.5) / own.sum() - 0.5
    return ranks


def _correlated(
    first: NDArray[np.float64], second: NDArray[np.float64], counts: NDArray[np.float64]
) -> Correlation:
    """Correlate numbers (n), as they are and in each bootstrap sample."""
    every = np.ones((1, len(first)))
    estimate, samples = (_pearson(first, second, drawn) for drawn in (every, counts))
    return Correlation(float(estimate[0]), *interval(samples, expanded_level(len(first))))


def _pearson(
    first: NDArray[np.float64], second: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Give the correlation of numbers (n) with each set of weights (d, n); NaN where one does not vary."""
    total = weights.sum(1)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = [weights @ one / total for one in (first, second)]
        products = [
            weights @ (a * b) / total - mean_a * mean_b
            for a, b, mean_a, mean_b in (
                (first, second, means[0], means[1]),
                (first, first, means[0], means[0]),
                (second, second, means[1], means[1]),
            )
        ]
        found = products[0] / np.sqrt(products[1] * products[2])
    varies = (products[1] > 1e-12) & (products[2] > 1e-12)
    return np.asarray(np.where(varies, found, np.nan))
