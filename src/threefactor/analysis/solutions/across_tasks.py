"""Compare networks that were trained on several tasks, by their measures: samples of rates are those of one task alone.

Measures are taken in units of their standard deviation within a task (`classification_features.standardised_within`), so
that what a task does to the mean of a measure does not count as an effect of rules, nor help to tell them. For the share
that the task itself explains they are taken in units over all networks.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from scipy.spatial.distance import pdist, squareform

from threefactor.analysis.solutions.classification_features import standardised_within
from threefactor.analysis.solutions.factors import Factor
from threefactor.analysis.solutions.feature_classification import CLASSIFIERS, Accuracy, classify
from threefactor.analysis.solutions.splits import left_out
from threefactor.analysis.solutions.variance_partition import Share, partition


class AcrossTasks(NamedTuple):
    """What explains the measures of networks of several tasks, and how well they tell the rule."""

    networks: int
    measures: list[str]
    shares: list[Share]  # of rule, initialisation, gain and task
    accuracy: Accuracy  # with a gain of a task left out, learned from other gains of other tasks


def across_tasks(
    networks: Mapping[str, pd.DataFrame],
    measures: Sequence[str],
    permutations: int,
    *,
    generator: torch.Generator,
) -> AcrossTasks:
    """Compare them.

    Parameters
    ----------
    networks : mapping of str to DataFrame
        By task the compared networks at one level: columns learning_rule, network, gain, and the measures.
    measures : sequence of str
        Measures; those that some network lacks, or in which all are equal, do not count.
    permutations : int
        Permutations of each test.
    generator : torch.Generator
        Source of randomness.

    Raises
    ------
    ValueError
        If there are fewer than two tasks, rules that all have, or measures.
    """
    shared = set.intersection(*(set(table.learning_rule) for table in networks.values()))
    if len(networks) < 2 or len(shared) < 2:
        raise ValueError(
            f"{len(networks)} tasks with {len(shared)} common rules: must be at least two of each"
        )
    parts = [table[table.learning_rule.isin(shared)].assign(task=task) for task, table in networks.items()]
    whole = pd.concat(parts, ignore_index=True)
    known = [name for name in measures if whole[name].notna().all() and whole[name].nunique() > 1]
    if not known:
        raise ValueError("measures = none that all networks have: must be at least one")
    rule, network, gain, task = (
        _places(whole[name]) for name in ("learning_rule", "network", "gain", "task")
    )
    values = whole[known].to_numpy(float)
    several = len(np.unique(gain)) > 1
    factors = [
        Factor("learning_rule", rule),
        Factor("initialisation", network, "gain" if several else ""),
        *([Factor("gain", gain)] if several else []),
        Factor("task", task),
    ]
    distances = squareform(pdist(standardised_within(values, np.zeros_like(task))))
    none = np.zeros((len(whole), 0))
    return AcrossTasks(
        len(whole),
        known,
        partition(distances, factors, none, permutations, generator=generator),
        classify(
            standardised_within(values, task),
            rule,
            network * len(networks) + task,
            left_out([task, gain]),
            CLASSIFIERS["linear"],
            min(permutations, 99),
            generator=generator,
        ),
    )


def _places(values: pd.Series) -> NDArray[np.int64]:
    """Return the place of each value of a column among those that occur, (n)."""
    return np.unique(values.to_numpy(), return_inverse=True)[1]
