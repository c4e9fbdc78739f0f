"""What the files of stage ``analyse`` hold, by the name of the output; files of arrays list their arrays."""

from collections.abc import Mapping, Sequence

from threefactor.analysis import network_table
from threefactor.analysis.landscape.fixed_point_table import FIXED_POINTS
from threefactor.analysis.landscape.spectra import SPECTRUM
from threefactor.analysis.representation.codes import DECODING
from threefactor.analysis.solutions.comparison_columns import EMBEDDING, PERMANOVA, SPREAD
from threefactor.analysis.solutions.distances import DISTANCES, explained
from threefactor.analysis.table import Array, Table

_TIME = Array(
    "time_ms", "t", "ms", "time since trial onset, of the rate after a step; every analyse.interval_ms"
)

ARRAYS = {
    "cross_temporal": (
        _TIME,
        Array(
            "<learning_rule>.<factor>",
            "train t, test t",
            "fraction of trials",
            "accuracy of decoders of a factor of the task, mean over networks",
        ),
    ),
    "trajectories": (
        _TIME,
        Array("<learning_rule>.network", "b", "", "numbers of the networks"),
        Array(
            "<learning_rule>.projection",
            "b y t c",
            "",
            "rates on the network's own first principal components",
        ),
        Array("<learning_rule>.explained", "b c", "fraction", "variance of the rates on each component"),
        Array("<learning_rule>.output", "b y t", "", "first output"),
        Array(
            "<learning_rule>.speed",
            "b y t",
            "per ms",
            "root mean square over free units of the change of state",
        ),
    ),
    "distances": (
        Array("network", "n", "", "numbers of all analysed networks, in the order of `row` in embedding.csv"),
        Array("rule", "n", "", "place of their learning rule, counted in that order"),
        *(Array(one.name, "n n", one.unit, explained(one)) for one in DISTANCES if not one.costly),
        Array(
            "confusion.<distance>", "rule, predicted rule", "fraction of networks", "of the classification"
        ),
    ),
}
"""Named arrays of each file of arrays; y are the trial types in the order of the task."""


def tables(factors: Sequence[str]) -> Mapping[str, Table]:
    """Return the columns of every table for a task with these factors, in the order of the outputs."""
    return {
        "networks": network_table.columns(factors),
        "decoding": DECODING,
        "spectrum": SPECTRUM,
        "fixed_points": FIXED_POINTS,
        "embedding": EMBEDDING,
        "spread": SPREAD,
        "permanova": PERMANOVA,
    }


TABLES = tables(["<factor>"])
"""The same for any task, for the reference."""
