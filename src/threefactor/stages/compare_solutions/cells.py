"""What locality and feedback of a learning rule do to measures of its networks: a 2 × 2 of rules."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from threefactor.analysis.solutions.class_columns import TWO_BY_TWO
from threefactor.analysis.solutions.two_by_two import two_by_two
from threefactor.analysis.table import stacked
from threefactor.experiment import rules
from threefactor.stages.compare_solutions.solutions import Solutions

ERROR = ("error", "gradient")
"""What a rule has access to if its feedback is the error; the others get a reward."""


def two_by_two_table(found: Solutions, measures: Sequence[str], counts: NDArray[np.float64]) -> pd.DataFrame:
    """Estimate main effects and interaction for each measure at one level; empty where a cell has no rule.

    Rules that move the readout are left out: networks of other rules keep theirs.
    """
    names = list(dict.fromkeys(found.profile.learning_rule))
    used = [name for name in names if not rules.about(name).moves_readout]
    about = [rules.about(name) for name in used]
    is_local = np.array([one.is_local for one in about], bool)
    gets_error = np.array([one.information in ERROR for one in about], bool)
    parts = []
    if len({*zip(is_local.tolist(), gets_error.tolist(), strict=True)}) == 4:
        for measure in measures:
            table = found.profile.pivot(index="learning_rule", columns="network", values=measure)
            values = table.reindex(used).dropna(axis=1, how="all")
            if values.notna().any(axis=1).all():
                drawn = counts[:, values.columns.to_numpy(int)]
                effects = two_by_two(values.to_numpy(float), is_local, gets_error, drawn)
                parts.append(pd.DataFrame(effects).assign(quantity=measure, rules=len(used)))
    parts = [part.rename(columns={"low": "estimate_low", "high": "estimate_high"}) for part in parts]
    return stacked(parts, TWO_BY_TWO).assign(level=found.level)
