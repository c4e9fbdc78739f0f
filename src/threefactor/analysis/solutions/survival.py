"""Kaplan–Meier curves of the networks still waiting for the criterion."""

from typing import NamedTuple

import numpy as np
from lifelines import KaplanMeierFitter
from lifelines.statistics import logrank_test
from numpy.typing import NDArray


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
        Starts at trial 0 with all networks waiting (Kaplan & Meier 1958). Without any arrival it has no interval (NaN).
    """
    fitted = KaplanMeierFitter().fit(trials, reached)
    bounds = np.where(reached.any(), fitted.confidence_interval_.to_numpy(dtype=float), np.nan)
    waiting = fitted.survival_function_.iloc[:, 0]
    return Survival(
        waiting.index.to_numpy(dtype=float),
        waiting.to_numpy(dtype=float),
        bounds[:, 0],
        bounds[:, 1],
        fitted.event_table["at_risk"].to_numpy(dtype=np.int64),
    )


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

    NaN where no network arrived under either rule.
    """
    if not (reached.any() or other_reached.any()):
        return float("nan")
    test = logrank_test(trials, other_trials, event_observed_A=reached, event_observed_B=other_reached)
    return float(test.p_value)
