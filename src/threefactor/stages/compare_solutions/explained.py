"""How much of the distances the learning rule explains, beside the initialisation and the gain."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from threefactor import seeding
from threefactor.analysis.solutions.class_columns import EXPLAINED
from threefactor.analysis.solutions.factors import Factor
from threefactor.analysis.solutions.multiple_testing import benjamini_hochberg, holm
from threefactor.analysis.solutions.variance_partition import partition
from threefactor.analysis.table import stacked
from threefactor.stages.compare_solutions.solutions import Solutions

COVARIATES = {"none": (), "rank and error": ("rank_participation", "error")}
"""Columns of the networks that are taken out first, by what tables call them."""


def explained_table(
    found: Solutions, distances: dict[str, NDArray[np.float64]], permutations: int, seed: int
) -> pd.DataFrame:
    """Partition every distance at one level, without and with covariates."""
    parts = []
    for name, matrix in distances.items():
        for words, columns in COVARIATES.items():
            generator = seeding.generator(seed, "compare_solutions", "partition", name, words)
            covariates = found.profile[list(columns)].to_numpy(float)
            shares = partition(matrix, factors(found), covariates, permutations, generator=generator)
            parts.append(pd.DataFrame(shares).assign(distance=name, covariates=words))
    table = stacked(parts, EXPLAINED)
    return table.assign(level=found.level, networks=len(found.rule))


def factors(found: Solutions) -> list[Factor]:
    """List what networks differ in; each initialisation has one gain, where there are several."""
    gains = np.unique(found.profile.gain, return_inverse=True)[1]
    several = len(np.unique(gains)) > 1
    rule = Factor("learning_rule", found.rule)
    network = Factor("initialisation", found.profile.network.to_numpy(int), "gain" if several else "")
    return [rule, network, *([Factor("gain", gains)] if several else [])]


def corrected(table: pd.DataFrame) -> pd.DataFrame:
    """Correct the p of the whole table for their number."""
    p = table.p.to_numpy(float)
    return table.assign(p_holm=holm(p), p_fdr=benjamini_hochberg(p))
