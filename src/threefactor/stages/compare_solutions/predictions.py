"""Which learning rule made a network: told from its measures, from some of its units, and from how it learned."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from torch import Generator

from threefactor import seeding
from threefactor.analysis.solutions.class_columns import PREDICTIONS
from threefactor.analysis.solutions.classification_features import (
    subset_features,
    trajectory_features,
    unit_statistics,
)
from threefactor.analysis.solutions.feature_classification import CLASSIFIERS, classify
from threefactor.analysis.solutions.splits import Split, group_splits, left_out
from threefactor.analysis.table import stacked
from threefactor.stages.compare_solutions.settings import CompareSolutions
from threefactor.stages.compare_solutions.solutions import Solutions

OBSERVABLES = ("error", "change_norm", "change_rank")
"""Columns of the evaluations that describe how a network learned."""

TRIALS = 12
"""Evaluations along learning, at most: evenly spaced among those that all networks have."""


def predictions_table(
    found: Solutions, features: Mapping[str, NDArray[np.float64]], settings: CompareSolutions, seed: int
) -> pd.DataFrame:
    """Tell rules apart by each set of features (n, f) of the n networks, with initialisations or a gain left out."""
    network, rows = found.profile.network.to_numpy(int), []
    gain = np.unique(found.profile.gain, return_inverse=True)[1]
    for name, values in features.items():
        for words in ("initialisation", "gain"):
            source = seeding.generator(seed, "compare_solutions", "classify", name, words)
            splits = _splits(words, network, gain, settings, source)
            if not splits:
                continue
            seen = classify(
                values,
                found.rule,
                network,
                splits,
                CLASSIFIERS["linear"],
                settings.classification_permutations,
                generator=source,
            )
            row = {key: value for key, value in seen._asdict().items() if key != "confusion"}
            row |= {"features": name, "left_out": words, "networks": len(values)}
            rows.append({**row, "rules": len(seen.confusion), "features_number": values.shape[1]})
    return stacked([pd.DataFrame(rows)], PREDICTIONS).assign(level=found.level)


def _splits(
    words: str,
    network: NDArray[np.int64],
    gain: NDArray[np.int64],
    settings: CompareSolutions,
    source: Generator,
) -> Sequence[Split]:
    """Return the splits that leave initialisations out, or each gain in turn; none where there are too few."""
    if words == "gain":
        return left_out([gain]) if len(np.unique(gain)) > 1 else []
    if len(np.unique(network)) < 2:
        return []
    return group_splits(network, settings.splits, settings.held_out, generator=source)


def features_of(
    found: Solutions,
    evaluations: pd.DataFrame,
    measures: Sequence[str],
    factors: Mapping[str, Sequence[int]],
    settings: CompareSolutions,
    seed: int,
) -> dict[str, NDArray[np.float64]]:
    """Describe the networks in three ways, a row each: see the columns of ``predictions.csv``."""
    profile = found.profile
    known = [name for name in measures if profile[name].notna().all()]
    source = seeding.generator(seed, "compare_solutions", "units")
    statistics = unit_statistics(found.compared.rates, factors)
    units = subset_features(statistics, settings.unit_share, generator=source)
    return {
        "measures": profile[known].to_numpy(float),
        "units": units.cpu().numpy(),
        "trajectory": _trajectories(profile, evaluations),
    }


def _trajectories(profile: pd.DataFrame, evaluations: pd.DataFrame) -> NDArray[np.float64]:
    """Describe how each network learned, at trials at which all were evaluated and none had diverged."""
    keys = ["learning_rule", "network"]
    own = profile[keys].merge(evaluations, on=keys, how="left")
    wide = {name: own.pivot(index=keys, columns="trial", values=name) for name in OBSERVABLES}
    order = pd.MultiIndex.from_frame(profile[keys])
    whole = [
        column for column in wide["error"] if all(table[column].notna().all() for table in wide.values())
    ]
    trials = [whole[at] for at in np.unique(np.linspace(0, len(whole) - 1, TRIALS).round().astype(int))]
    observed = {name: table.reindex(order)[trials].to_numpy(float) for name, table in wide.items()}
    return trajectory_features(observed, np.array(trials, float))
