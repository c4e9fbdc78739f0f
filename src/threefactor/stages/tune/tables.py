"""What the tables of stage ``tune`` hold, by the name of the output."""

from collections.abc import Mapping

from threefactor.analysis.table import Column, Table

TABLES: Mapping[str, Table] = {
    "draws": Table(
        "a draw and constant",
        (
            Column("draw", "", "number of the draw; 0 has the usual constants", finite=True),
            Column("name", "", "dotted key of the constant"),
            Column("value", "that of the setting", "its value", finite=True),
            Column(
                "objective",
                "trials",
                "mean over levels and networks of the trials to a level, at most tune.trials",
            ),
            Column("error", "", "noise-free error at the end, median over networks"),
            Column("diverged", "networks", "networks whose weight update was not finite"),
            Column(
                "trials",
                "trials",
                "trials that were simulated, of all networks; fewer once all are at every level",
            ),
        ),
        least=1,
    ),
    "tuned": Table(
        "a constant",
        (
            Column("name", "", "dotted key of the constant"),
            Column("usual", "that of the setting", "value without tuning", finite=True),
            Column(
                "value", "that of the setting", "value of the draw with the smallest objective", finite=True
            ),
            Column("usual_objective", "trials", "objective of the usual constants"),
            Column("objective", "trials", "objective of that draw"),
            Column("draws", "draws", "draws that were tried", finite=True),
            Column("networks", "networks", "networks of each", finite=True),
            Column("trials", "trials", "trials that were simulated, of all draws and networks"),
        ),
        least=1,
    ),
}
