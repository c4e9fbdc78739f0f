"""Tables that compare the solutions of all rules: distances, maps, tests and spread."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from threefactor import seeding
from threefactor.analysis.solutions.bootstrap import resample_counts, weighted_mean
from threefactor.analysis.solutions.compared import Compared
from threefactor.analysis.solutions.comparison_columns import EMBEDDING, SPREAD, TESTS
from threefactor.analysis.solutions.distances import DISTANCES
from threefactor.analysis.solutions.group_tests import group_tests
from threefactor.analysis.solutions.mds import embedding
from threefactor.analysis.solutions.spread import mean_distance, resampled_distance, spread_rows
from threefactor.analysis.table import KEYS, stacked

GRADIENT = "bptt"
Distances = dict[str, NDArray[np.float64]]


def bootstrap_counts(networks: int, draws: int, seed: int) -> NDArray[np.float64]:
    """Draw the counts (d, n) of the initialisations, the same for every comparison of one experiment."""
    return resample_counts(
        networks, draws, generator=seeding.generator(seed, "compare_solutions", "bootstrap")
    )


def all_distances(compared: Compared) -> Distances:
    """Measure every distance (n, n) between n networks, but those that are costly or that the task has no delay for."""
    affordable = [one for one in DISTANCES if not one.costly and one.defined(compared)]
    return {one.name: one.function(compared).cpu().numpy() for one in affordable}


def costly_distances(compared: Compared) -> Distances:
    """Measure the distances (n, n) that `all_distances` leaves out because they are costly."""
    dear = [one for one in DISTANCES if one.costly and one.defined(compared)]
    return {one.name: one.function(compared).cpu().numpy() for one in dear}


def embedding_table(distances: Distances, profile: pd.DataFrame) -> pd.DataFrame:
    """Map the networks of `profile` (n rows) by each distance."""
    keys = profile[list(KEYS)]
    maps = [pd.DataFrame(embedding(d)).join(keys).assign(distance=name) for name, d in distances.items()]
    return stacked(maps, EMBEDDING)


def tests_table(
    distances: Distances,
    rule: NDArray[np.int64],
    network: NDArray[np.int64],
    permutations: tuple[int, int],
    seed: int,
) -> tuple[pd.DataFrame, Distances]:
    """Test what explains each distance: the rule, or its rival the initialisation, each within the other.

    Parameters
    ----------
    distances : dict of ndarray
        Distances, (n, n).
    rule, network : ndarray
        Rule and initialisation of each network, (n).
    permutations : tuple of int
        Permutations of the test of spread, and of the classifier.
    seed : int
        Seed of the experiment.

    Returns
    -------
    tuple
        The table, and the confusion of rules (g, g) by the name of the distance.
    """
    factors = {"learning_rule": (rule, network), "initialisation": (network, rule)}
    tables, confusions = [], {}
    for name, matrix in distances.items():
        for (factor, (labels, blocks)), within in zip(factors.items(), reversed(factors), strict=True):
            generator = seeding.generator(seed, "compare_solutions", "permutations", name, factor)
            rows, confusion = group_tests(matrix, labels, blocks, permutations, generator=generator)
            tables.append(pd.DataFrame(rows).assign(distance=name, factor=factor, permuted_within=within))
            if factor == "learning_rule":
                confusions[name] = confusion
    table = stacked(tables, TESTS)
    used = dict(zip(("dispersion", "classification"), permutations, strict=True))
    return table.assign(networks=len(rule), permutations=table.test.map(used)), confusions


def spread_table(
    profile: pd.DataFrame, distances: Distances, measures: Sequence[str], counts: NDArray[np.float64]
) -> pd.DataFrame:
    """Measure how widely each rule's networks spread, and the means of some of their measures.

    Parameters
    ----------
    profile : DataFrame
        A row per network (n), in the order of the distances.
    distances : dict of ndarray
        Distances, (n, n).
    measures : sequence of str
        Columns of `profile` whose means are compared, each over the networks in which it was measured.
    counts : ndarray
        Bootstrap counts of the initialisations by id, (d, ids).
    """
    members = {
        str(rule): part.index.to_numpy() for rule, part in profile.groupby("learning_rule", sort=False)
    }
    ids, parts = profile.network.to_numpy(np.int64), []
    for name, matrix in distances.items():
        inner = {rule: matrix[np.ix_(at, at)] for rule, at in members.items()}
        samples = {rule: resampled_distance(inner[rule], counts[:, ids[at]]) for rule, at in members.items()}
        estimates = {rule: mean_distance(inner[rule]) for rule in members}
        sizes = {rule: len(at) for rule, at in members.items()}
        parts.append(_spread_part(name, estimates, samples, sizes))
    for name in measures if members else ():
        values = profile[name].to_numpy(float)
        known = {rule: at[np.isfinite(values[at])] for rule, at in members.items()}
        known = {rule: at for rule, at in known.items() if len(at)}
        samples = {rule: weighted_mean(values[at], counts[:, ids[at]]) for rule, at in known.items()}
        estimates = {rule: float(values[at].mean()) for rule, at in known.items()}
        parts.append(_spread_part(name, estimates, samples, {rule: len(at) for rule, at in known.items()}))
    return stacked(parts, SPREAD)


def _spread_part(
    name: str,
    estimates: Mapping[str, float],
    samples: Mapping[str, NDArray[np.float64]],
    sizes: Mapping[str, int],
) -> pd.DataFrame:
    """Return the rows of one quantity, of rules with so many networks each."""
    part = pd.DataFrame(spread_rows(estimates, samples, GRADIENT)).rename(columns={"ratio": "ratio_to_bptt"})
    return part.assign(quantity=name, networks=list(sizes.values()))
