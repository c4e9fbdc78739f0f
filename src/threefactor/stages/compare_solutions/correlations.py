"""Which measures of networks go together with their error out of distribution."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from threefactor.analysis.solutions.class_columns import CORRELATIONS
from threefactor.analysis.solutions.correlations import correlation, correlation_within
from threefactor.analysis.table import stacked
from threefactor.stages.compare_solutions.solutions import BEYOND, Solutions

FEWEST = 4
"""Networks in which both must have been measured."""


def correlations_table(
    found: Solutions, measures: Sequence[str], counts: NDArray[np.float64]
) -> pd.DataFrame:
    """Correlate each measure with the error out of distribution at one level, over all networks and within rules."""
    beyond, rows = found.profile[BEYOND].to_numpy(float), []
    for name in measures:
        values = found.profile[name].to_numpy(float)
        known = np.isfinite(values) & np.isfinite(beyond)
        if name == BEYOND or known.sum() < FEWEST:
            continue
        drawn = counts[:, found.profile.network.to_numpy(int)[known]]
        pair = values[known], beyond[known]
        for words, one in {
            "all": correlation(*pair, drawn),
            "within rules": correlation_within(*pair, found.rule[known], drawn),
        }.items():
            numbers = {"estimate": one.estimate, "estimate_low": one.low, "estimate_high": one.high}
            rows.append({"quantity": name, "over": words, "networks": int(known.sum()), **numbers})
    return stacked([pd.DataFrame(rows)], CORRELATIONS).assign(level=found.level)
