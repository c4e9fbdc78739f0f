"""Kaplan–Meier curves of the networks still waiting for the criterion."""

import warnings
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import CensoredData, ecdf, logrank


class Survival(NamedTuple):
    """A curve in s steps: trial (s), waiting (s, fraction), low and high (s, 95 %), at_risk (s, networks)."""

    trial: NDArray[np.float64]
    waiting: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    at_risk: NDArray[np.int64]


def survival_curve(trials: NDArray[np.float64], reached: NDArray[np.bool_]) -> Survival:
    """Estimate the fraction of networks not yet at criterion, S(h) = Π_{h' ≤ h} (1 − d_h' / n_h').

    Parameters
    ----------
    trials : ndarray
        Trials to criterion, or the last trial seen where it was not reached, (n).
    reached : ndarray
        False where the network was censored, (n).

    Returns
    -------
    Survival
        Starts at trial 0 with all networks waiting (Kaplan & Meier 1958). The interval is that of log(−log S), with
        Greenwood's variance; it has no width where S is 1 or 0. Without any arrival there is none (NaN).
    """
    fitted = ecdf(_censored(trials, reached)).sf
    trial, waiting = np.r_[0.0, fitted.quantiles], np.r_[1.0, fitted.probabilities]
    if reached.any():
        with warnings.catch_warnings(action="ignore", category=RuntimeWarning):  # of bounds that are NaN
            bounds: Any = fitted.confidence_interval(method="log-log")
        low, high = (np.r_[1.0, one.probabilities] for one in (bounds.low, bounds.high))
        low, high = np.where(np.isnan(low), waiting, low), np.where(np.isnan(high), waiting, high)
    else:
        low = high = np.full(len(trial), np.nan)
    return Survival(trial, waiting, low, high, (trials >= trial[:, None]).sum(1))


def _censored(trials: NDArray[np.float64], reached: NDArray[np.bool_]) -> CensoredData:
    return CensoredData(uncensored=trials[reached], right=trials[~reached])


def quantile_trial(curve: Survival, fraction: float) -> float:
    """Give the first trial at which a fraction of the networks is at criterion; NaN where it never is."""
    arrived = curve.waiting <= 1 - fraction + 1e-12
    return float(curve.trial[arrived.argmax()]) if arrived.any() else float("nan")


def logrank_p(
    trials: NDArray[np.float64],
    reached: NDArray[np.bool_],
    other_trials: NDArray[np.float64],
    other_reached: NDArray[np.bool_],
) -> float:
    """Give the p of the log-rank test (Mantel 1966) between two rules: trials (n) and reached (n) of each.

    NaN where no network arrived under either rule; 1 where networks of one rule arrived when none of the other was left.
    """
    if not (reached.any() or other_reached.any()):
        return float("nan")
    with np.errstate(invalid="ignore"):  # 0 / 0 where nothing can be compared
        found = logrank(_censored(trials, reached), _censored(other_trials, other_reached)).pvalue
    return 1.0 if np.isnan(found) else float(found)
