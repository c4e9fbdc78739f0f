"""Compare the solutions of all learning rules, level by level of noise-free error.

At a level are the networks that stage ``analyse`` describes there, with the weights with which they first crossed it.  A
rule with fewer than two of them is not compared.  `threefactor.stages.compare_solutions.tables` explains every output.
"""

import pandas as pd

from threefactor.analysis import network_table as measures
from threefactor.analysis.attractors.attractor_table import SHARES, class_shares
from threefactor.analysis.solutions import comparison_tables as comparison
from threefactor.analysis.solutions.claims import claims_table
from threefactor.analysis.table import stacked
from threefactor.experiment import build
from threefactor.experiment.work import Output, Results, Work
from threefactor.stages.compare_solutions.cells import two_by_two_table
from threefactor.stages.compare_solutions.clusters import clusters_table
from threefactor.stages.compare_solutions.correlations import correlations_table
from threefactor.stages.compare_solutions.explained import corrected, explained_table
from threefactor.stages.compare_solutions.over_null import over_null_table
from threefactor.stages.compare_solutions.page import map_page
from threefactor.stages.compare_solutions.predictions import features_of, predictions_table
from threefactor.stages.compare_solutions.solutions import (
    BEYOND,
    Solutions,
    first_of_each_rule,
    solutions,
)
from threefactor.stages.compare_solutions.tables import TABLES


def compute(work: Work) -> Results:
    """Compare them at each level.  Outputs: ``distances``, a table for each of `TABLES`, and ``map``, for readers."""
    evaluations = work.joined("evaluations")
    parts = [_at(work, one, evaluations) for one in solutions(work)]
    arrays = {key: value for part in parts for key, value in part["distances"].items()}
    tables = {
        name: stacked([part[name] for part in parts], table)
        for name, table in TABLES.items()
        if name not in ("claims", "attractor_classes")
    }
    tables["attractor_classes"] = _attractor_classes(work)
    tables["explained"] = corrected(tables["explained"])
    return Results(
        {
            "distances": arrays,
            **tables,
            "claims": claims_table(tables),
            "map": map_page(work, tables["embedding"]),
        }
    )


def _attractor_classes(work: Work) -> pd.DataFrame:
    """Sum up the attractors of all networks that were looked at, empty for none."""
    attractors = work.joined("attractors")
    return class_shares(attractors) if len(attractors) else stacked([], SHARES)


def _at(work: Work, found: Solutions, evaluations: pd.DataFrame) -> dict[str, Output]:
    """Compare the networks at one level."""
    settings, seed, profile = work.settings.compare_solutions, work.settings.seed, found.profile
    task, network = build.task(work.settings), profile.network.to_numpy(int)
    distances = comparison.all_distances(found.compared)
    permutations = settings.permutations, settings.classification_permutations
    tests, confusions = comparison.tests_table(distances, found.rule, network, permutations, seed)
    counts = comparison.bootstrap_counts(int(network.max()) + 1, settings.bootstraps, seed)
    compared = [*measures.compared(list(task.factors)), BEYOND]
    features = features_of(found, evaluations, compared, task.factors, settings, seed)
    few = first_of_each_rule(found, settings.costly_networks)
    dear = comparison.costly_distances(few.compared) if len(few.rule) else {}
    confusion = {f"confusion.{name}": matrix for name, matrix in confusions.items()}
    arrays = {"network": network, "rule": found.rule, **distances, **confusion}
    tables = {
        "embedding": comparison.embedding_table(distances, profile),
        "tests": tests,
        "spread": pd.concat(
            [
                comparison.spread_table(profile, distances, compared, counts),
                comparison.spread_table(few.profile, dear, (), counts),
            ]
        ),
        "explained": pd.concat(
            [
                explained_table(found, distances, settings.permutations, seed),
                explained_table(few, dear, settings.permutations, seed),
            ]
        ),
        "clusters": clusters_table(found, distances, settings, seed),
        "predictions": predictions_table(found, features, settings, seed),
        "over_null": over_null_table(work, found, distances, counts),
        "correlations": correlations_table(found, compared, counts),
        "two_by_two": two_by_two_table(found, compared, counts),
    }
    return {
        "distances": {f"{found.level:g}.{name}": value for name, value in arrays.items()},
        **{name: table.assign(level=found.level) for name, table in tables.items()},
    }
