"""How the error of a batch of networks falls over the trials of training."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]


def trailing_mean(values: Array, trials: NDArray[np.int64], window: int) -> Array:
    """Give each network's mean over the last trials, held once the network has stopped.

    m_b(h) = mean of values over trials max(1, h' − window + 1) … h', h' = min(h, last trial of b). Holding
    the last value keeps every network in every mean; dropping it would leave only the slow ones.

    Parameters
    ----------
    values : ndarray
        Per trial, (b, h); NaN after stopping.
    trials : ndarray
        Trials to evaluate at, counted from 1, (s).
    window : int
        Trials that are averaged.

    Returns
    -------
    ndarray
        Means, (b, s); NaN for a network without any trial.
    """
    stop = np.isfinite(values).sum(1)
    total = np.concatenate(
        [np.zeros((len(values), 1)), np.nancumsum(values, axis=1, dtype=np.float64)], axis=1
    )
    end = np.minimum(trials[None], stop[:, None])
    begin = np.maximum(end - window, 0)
    summed = np.take_along_axis(total, end, 1) - np.take_along_axis(total, begin, 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(summed / (end - begin))


def curve(error: Array, correct: Array, window: int, points: int = 120) -> pd.DataFrame:
    """Summarise a batch over the trials of training.

    Parameters
    ----------
    error, correct : ndarray
        Mean |y − y*| and 0/1 of each trial, (b, h); NaN after stopping.
    window : int
        Trials of the trailing mean.
    points : int
        Most trials at which the curve is given; it begins a quarter of a window after the first trial.

    Returns
    -------
    DataFrame
        trial; error, low, high (median and quartiles over networks of the trailing mean); correct (mean
        over networks of the trailing fraction).
    """
    first = max(1, min(window, error.shape[1]) // 4)
    trials = np.unique(np.linspace(first, error.shape[1], points).round().astype(np.int64))
    smooth, hits = trailing_mean(error, trials, window), trailing_mean(correct, trials, window)
    alive = np.isfinite(smooth).all(1)
    if not alive.any():
        return pd.DataFrame(columns=["trial", "error", "low", "high", "correct"], dtype=float)
    low, middle, high = np.quantile(smooth[alive], [0.25, 0.5, 0.75], axis=0)
    return pd.DataFrame(
        {"trial": trials, "error": middle, "low": low, "high": high, "correct": hits[alive].mean(0)}
    )
