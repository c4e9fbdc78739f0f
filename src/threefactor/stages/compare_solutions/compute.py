"""Compare the solutions of all learning rules, level by level of noise-free error.

At a level are the networks that stage ``analyse`` describes there, with the weights with which they first crossed it.  A
rule with fewer than two of them is not compared.  `threefactor.stages.compare_solutions.tables` explains every output.
"""

from threefactor.analysis import network_table as measures
from threefactor.analysis.solutions import comparison_tables as comparison
from threefactor.analysis.table import stacked
from threefactor.experiment import build
from threefactor.experiment.work import Output, Results, Work
from threefactor.stages.compare_solutions.solutions import Solutions, solutions
from threefactor.stages.compare_solutions.tables import TABLES


def compute(work: Work) -> Results:
    """Compare them at each level.  Outputs: ``distances``, ``embedding``, ``spread`` and ``tests``."""
    parts = [_at(work, one) for one in solutions(work)]
    arrays = {key: value for part in parts for key, value in part["distances"].items()}
    tables = {name: stacked([part[name] for part in parts], table) for name, table in TABLES.items()}
    return Results({"distances": arrays, **tables})


def _at(work: Work, found: Solutions) -> dict[str, Output]:
    """Compare the networks at one level."""
    settings, seed, profile = work.settings.compare_solutions, work.settings.seed, found.profile
    rule, network = found.rule, profile.network.to_numpy(int)
    distances = comparison.all_distances(found.compared)
    tests, confusions = comparison.tests_table(distances, rule, network, settings.permutations, seed)
    counts = comparison.bootstrap_counts(int(network.max()) + 1, settings.bootstraps, seed)
    compared = measures.compared(list(build.task(work.settings).factors))
    confusion = {f"confusion.{name}": matrix for name, matrix in confusions.items()}
    arrays = {"network": network, "rule": rule, **distances, **confusion}
    tables = {
        "embedding": comparison.embedding_table(distances, profile),
        "tests": tests,
        "spread": comparison.spread_table(profile, distances, compared, counts),
    }
    return {
        "distances": {f"{found.level:g}.{name}": value for name, value in arrays.items()},
        **{name: table.assign(level=found.level) for name, table in tables.items()},
    }
