"""What the files of stage ``analyse`` hold, by the name of the output; files of arrays list their arrays."""

from collections.abc import Mapping, Sequence

from threefactor.analysis import network_table
from threefactor.analysis.attractors.attractor_table import ATTRACTORS
from threefactor.analysis.attractors.class_changes import CLASS_CHANGES
from threefactor.analysis.landscape.fixed_point_table import FIXED_POINTS
from threefactor.analysis.landscape.spectra import SPECTRUM
from threefactor.analysis.table import Array, Table

ARRAYS = {
    "representations": (
        Array(
            "time_ms",
            "t",
            "ms",
            "time since trial onset, of the rate after a step; every analyse.interval_ms",
        ),
        Array("<level>.network", "b", "", "ids of the networks that are analysed at the level"),
        Array("<level>.projection", "b y t c", "", "rates on the network's own first principal components"),
        Array("<level>.explained", "b c", "fraction", "variance of the rates on each component"),
        Array("<level>.output", "b y t", "", "first output"),
        Array(
            "<level>.speed",
            "b y t",
            "per ms",
            "root mean square over free units of the change of state",
        ),
        Array(
            "<level>.cross_temporal.<factor>",
            "b, train t, test t",
            "fraction of trials",
            "accuracy of decoders of a factor of the task, of the networks that were decoded",
        ),
    ),
}
"""Named arrays of each file of arrays; y are the trial types in the order of the task."""


def tables(factors: Sequence[str]) -> Mapping[str, Table]:
    """Return the columns of every table for a task with these factors, in the order of the outputs."""
    return {
        "networks": network_table.columns(factors),
        "spectrum": SPECTRUM,
        "fixed_points": FIXED_POINTS,
        "attractors": ATTRACTORS,
        "attractor_changes": CLASS_CHANGES,
    }


TABLES = tables(["<factor>"])
"""The same for any task, for the reference."""
