"""Scores of rules on the same networks, and their changes from a reference rule, paired by network."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from threefactor.analysis.solutions.bootstrap import interval, weighted_mean

Array = NDArray[np.float64]


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
        networks, failed (networks whose error was not finite); smoothed_error_rate, change (of it from the reference),
        restricted_mean (trials to criterion), each with _low and _high (95 % bootstrap); error; reached (networks).
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
