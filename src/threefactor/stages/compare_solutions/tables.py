"""What the files of stage ``compare_solutions`` hold, by the name of the output; files of arrays list their arrays."""

from collections.abc import Mapping

from threefactor.analysis.attractors.attractor_table import SHARES
from threefactor.analysis.solutions.claims import CLAIMS
from threefactor.analysis.solutions.class_columns import (
    CLUSTERS,
    CORRELATIONS,
    EXPLAINED,
    OVER_NULL,
    PREDICTIONS,
    TWO_BY_TWO,
)
from threefactor.analysis.solutions.comparison_columns import EMBEDDING, SPREAD, TESTS
from threefactor.analysis.solutions.distances import DISTANCES, explained
from threefactor.analysis.table import Array, Table

TABLES: Mapping[str, Table] = {
    "embedding": EMBEDDING,
    "spread": SPREAD,
    "tests": TESTS,
    "explained": EXPLAINED,
    "clusters": CLUSTERS,
    "predictions": PREDICTIONS,
    "attractor_classes": SHARES,
    "claims": CLAIMS,
    "over_null": OVER_NULL,
    "correlations": CORRELATIONS,
    "two_by_two": TWO_BY_TWO,
}

ARRAYS = {
    "distances": (
        Array(
            "<level>.network", "n", "", "ids of the compared networks, in the order of `row` in embedding.csv"
        ),
        Array("<level>.rule", "n", "", "place of their learning rule, counted in that order"),
        *(Array(f"<level>.{one.name}", "n n", one.unit, explained(one)) for one in DISTANCES),
        Array(
            "<level>.confusion.<distance>",
            "rule, predicted rule",
            "fraction of networks",
            "of the classification",
        ),
    ),
}
"""Named arrays of each file of arrays."""
