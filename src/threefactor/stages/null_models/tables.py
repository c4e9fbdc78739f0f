"""What the files of stage ``null_models`` hold, by the name of the output; files of arrays list their arrays."""

from collections.abc import Mapping

from threefactor.analysis.table import LEVEL, NETWORK, Array, Column, Table

TABLES: Mapping[str, Table] = {
    "networks": Table(
        "a network made for a null model",
        (
            LEVEL,
            Column(
                "null",
                "",
                "end of a walk: steered, random; after half of it: with _halfway; directions: ΔW in random ones",
            ),
            NETWORK,
            Column("copy", "", "number of the walk from this network, from 0", finite=True),
            Column("error", "", "noise-free error"),
            Column(
                "excess",
                "",
                "error in noisy trials that no step knew of over that of the anchor in the same; empty for directions",
            ),
            Column(
                "change", "", "norm of the difference from the anchor's weights, by that of these weights"
            ),
            Column("length", "", "length of the path in the same unit; empty for directions"),
            Column("taken", "fraction of steps", "steps that kept within bounds; empty for directions"),
        ),
    ),
}

_NULL = "<level>.<null>"

ARRAYS = {
    "weights": (
        Array(f"{_NULL}.network", "n", "", "ids of the networks that were anchors; of noise, the anchors"),
        Array(f"{_NULL}.weights", "n i j", "", "weights that came of them, onto i from j"),
        Array(f"{_NULL}.output_weights", "n o i", "", "weights of the readout"),
        Array(f"{_NULL}.input_weights", "n i c", "", "weights of the inputs"),
        Array(
            "<level>.noise.rates",
            "n r y t i",
            "",
            "rates of the anchors in two sets of noisy trials, free units",
        ),
        Array("clamped", "i", "", "whether a unit is held at a state", optional=True),
        Array("clamped_state", "i", "", "state at which a unit is held", optional=True),
        Array("leak", "1", "", "time step by time constant", finite=True, optional=True),
    ),
}
"""Named arrays of each file of arrays; there are none where no network was analysed."""
