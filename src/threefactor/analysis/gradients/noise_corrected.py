"""The cosine of expected updates without the sampling noise that a finite number of draws leaves in them."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

RESOLVED = 2.0
"""Standard errors that a share of signal must be away from zero before anything is divided by its root."""

FEWEST = 3
"""Networks that a noise-corrected cosine needs: with two, its interval is wider than any cosine."""


def mean_cosine(table: pd.DataFrame) -> dict[str, float]:
    """Average the cosine over networks: uncorrected, and noise-corrected, as it would be with infinitely many draws.

    ``mean(overlap) / sqrt(mean(signal) mean(other signal))``: both factors are means over networks first, since a single
    network's share of signal may be negative. The interval is the jackknife's over networks, with Student's t.

    Parameters
    ----------
    table : DataFrame
        Columns network, cosine, overlap, signal, other_signal; one or more rows a network, of which the mean is taken.

    Returns
    -------
    dict
        networks (count); uncorrected (mean cosine); signal (mean share); noise_corrected, low, high (95 %; NaN where the
        signal is not `RESOLVED` standard errors above zero, or with fewer than `FEWEST` networks).
    """
    parts = table[["network", "cosine", "overlap", "signal", "other_signal"]].dropna()
    means = parts.groupby("network")[["cosine", "overlap", "signal", "other_signal"]].mean().to_numpy()
    count = len(means)
    found = {
        "networks": count,
        "uncorrected": np.nan,
        "signal": np.nan,
        "noise_corrected": np.nan,
        "low": np.nan,
        "high": np.nan,
    }
    if count == 0:
        return found
    found |= {"uncorrected": float(means[:, 0].mean()), "signal": float(means[:, 2].mean())}
    if count < FEWEST or not (_resolved(means[:, 2]) and _resolved(means[:, 3])):
        return found
    left_out = np.array([_ratio(np.delete(means, n, axis=0)) for n in range(count)])
    whole = _ratio(means)
    error = np.sqrt((count - 1) * np.mean((left_out - left_out.mean()) ** 2))
    half = float(stats.t.ppf(0.975, count - 1) * error)
    return found | {"noise_corrected": whole, "low": whole - half, "high": whole + half}


def _ratio(means: NDArray[np.float64]) -> float:
    """Return the noise-corrected cosine of networks with cosine, overlap and both signals."""
    _, overlap, signal, other = means.mean(0)
    return float(overlap / np.sqrt(signal * other)) if signal > 0 and other > 0 else float("nan")


def _resolved(shares: NDArray[np.float64]) -> bool:
    """Tell whether a mean share lies clearly above zero."""
    mean, error = shares.mean(), shares.std(ddof=1) / len(shares) ** 0.5
    return bool(mean > RESOLVED * error)
