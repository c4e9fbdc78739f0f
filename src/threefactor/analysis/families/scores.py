"""Scores of rules on the same networks, and their changes from a reference rule, paired by network."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from threefactor.analysis.solutions.bootstrap import interval, weighted_mean
from threefactor.analysis.table import Column

Array = NDArray[np.float64]

_LOW, _HIGH = "lower end of its 95 % bootstrap interval", "upper end of its 95 % bootstrap interval"

SCORES = (
    Column("networks", "networks", "networks that the rule is scored on"),
    Column("failed", "networks", "networks whose error was not finite"),
    Column(
        "smoothed_error_rate", "", "mean of 1/(1 + exp(−(error − criterion.error)/0.12)) after the warm-up"
    ),
    Column("smoothed_error_rate_low", "", _LOW),
    Column("smoothed_error_rate_high", "", _HIGH),
    Column("change", "", "its change from the reference rule, paired by network"),
    Column("change_low", "", _LOW),
    Column("change_high", "", _HIGH),
    Column("restricted_mean", "trials", "mean trials to criterion, failed networks counted at the horizon"),
    Column("restricted_mean_low", "trials", _LOW),
    Column("restricted_mean_high", "trials", _HIGH),
    Column("error", "", "mean |y − y*| after the warm-up"),
    Column("reached", "networks", "networks that reached the criterion"),
)
"""Columns of `summary`."""


def summary(
    smoothed: Array, error: Array, trials: Array, reached: Array, counts: Array, reference: int = 0
) -> pd.DataFrame:
    """Summarise scores, a row per rule.

    Parameters
    ----------
    smoothed, error, trials, reached : ndarray
        Of each rule and network, (r, m), as `threefactor.metalearning.held_out.Score` has them.
    counts : ndarray
        How often each network is drawn in each bootstrap sample, (d, m).
    reference : int
        The rule that changes are from.

    Returns
    -------
    DataFrame
        With the columns `SCORES`.
    """
    rows = []
    for r in range(len(smoothed)):
        finite = error[r][np.isfinite(error[r])]
        row: dict[str, float | int] = {
            "networks": smoothed.shape[1],
            "failed": smoothed.shape[1] - len(finite),
        }
        for name, values in (
            ("smoothed_error_rate", smoothed[r]),
            ("change", smoothed[r] - smoothed[reference]),
            ("restricted_mean", trials[r]),
        ):
            low, high = interval(weighted_mean(values, counts))
            row |= {name: float(values.mean()), f"{name}_low": low, f"{name}_high": high}
        row |= {
            "error": float(finite.mean()) if len(finite) else float("nan"),
            "reached": int(reached[r].sum()),
        }
        rows.append(row)
    return pd.DataFrame(rows)
