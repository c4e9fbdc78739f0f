"""How many clusters solutions make, beside points without clusters."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from threefactor import seeding
from threefactor.analysis.solutions.class_columns import CLUSTERS
from threefactor.analysis.solutions.cluster_number import agreement, cluster_number, without_factor
from threefactor.analysis.table import stacked
from threefactor.stages.compare_solutions.explained import factors
from threefactor.stages.compare_solutions.settings import CompareSolutions
from threefactor.stages.compare_solutions.solutions import Solutions

SMALLEST = 3
"""Networks of a smaller cluster are outliers."""


def clusters_table(
    found: Solutions, distances: dict[str, NDArray[np.float64]], settings: CompareSolutions, seed: int
) -> pd.DataFrame:
    """Count the clusters of all networks, without what initialisations share too, and of the networks of each rule."""
    names = list(dict.fromkeys(found.profile.learning_rule))
    everybody = np.ones(len(found.rule), bool)
    parts = {"all": everybody, "all without initialisations": everybody}
    parts |= {rule: found.rule == at for at, rule in enumerate(names)}
    rows = []
    for name, matrix in distances.items():
        for words, who in parts.items():
            largest = min(settings.largest_cluster_number, int(who.sum()) - 1)
            if largest < 2:
                continue
            own = matrix[np.ix_(who, who)]
            if words == "all without initialisations":
                own = without_factor(own, found.profile.network.to_numpy(int))
            source = seeding.generator(seed, "compare_solutions", "clusters", name, words)
            seen = cluster_number(own, largest, SMALLEST, settings.cluster_draws, generator=source)
            rand = agreement(seen.labels, {one.name: one.labels[who] for one in factors(found)})
            row = {key: value for key, value in seen._asdict().items() if key != "labels"}
            row |= {f"rand_{factor}": value for factor, value in rand.items()}
            rows.append({**row, "distance": name, "of": words, "networks": int(who.sum())})
    return stacked([pd.DataFrame(rows)], CLUSTERS).assign(level=found.level)
