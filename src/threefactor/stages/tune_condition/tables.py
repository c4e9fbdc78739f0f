"""What the tables of stage ``tune_condition`` hold, by the name of the output."""

from collections.abc import Mapping

from threefactor.analysis.table import Column, Table

_NAME = Column("name", "", "dotted key of the constant")

TABLES: Mapping[str, Table] = {
    "draws": Table(
        "a draw and constant",
        (
            Column("draw", "", "number of the draw; 0 has the usual constants", finite=True),
            _NAME,
            Column("value", "that of the setting", "its value", finite=True),
            Column(
                "objective",
                "trials",
                "mean trials to criterion, failed networks counted at the horizon",
                finite=True,
            ),
            Column(
                "smoothed_error_rate",
                "fraction of trials",
                "decides between equal objectives; trials after the criterion count as bad",
                finite=True,
            ),
            Column("reached", "networks", "networks that reached the criterion", finite=True),
            Column("diverged", "networks", "networks whose weight update was not finite", finite=True),
            Column("trials", "trials", "trials that were simulated, of all networks", finite=True),
        ),
        least=1,
    ),
    "constants": Table(
        "a constant",
        (
            _NAME,
            Column("usual", "that of the setting", "value under the condition without tuning", finite=True),
            Column("value", "that of the setting", "value of the best draw", finite=True),
            Column("usual_objective", "trials", "objective of the usual constants", finite=True),
            Column("objective", "trials", "objective of the best draw", finite=True),
            Column("reached", "networks", "networks that reached the criterion in it", finite=True),
            Column("draws", "draws", "draws that were tried", finite=True),
            Column("networks", "networks", "networks of each", finite=True),
            Column("trials", "trials", "trials that were simulated, of all draws and networks", finite=True),
        ),
        least=1,
    ),
}
