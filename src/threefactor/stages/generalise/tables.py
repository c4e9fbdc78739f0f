"""What the table of stage ``generalise`` holds."""

from collections.abc import Mapping

from threefactor.analysis.learning.generalisation import ERRORS
from threefactor.analysis.table import NETWORK, Column, Table

TABLES: Mapping[str, Table] = {
    "networks": Table(
        "a network of the batch and a level of error; all else is empty where it never crossed the level",
        (
            NETWORK,
            Column(
                "level",
                "",
                "level of noise-free error, of retrain.levels, at whose crossing it is measured",
                finite=True,
            ),
            *(Column(name, "", meaning) for name, meaning in ERRORS.items() if name != "error_retained"),
            Column(
                "next_crossed",
                "",
                "1 if it crossed the level on the next task; this and the following at analyse.level alone",
            ),
            Column("next_trials", "trials", "trials until then; else generalise.next_trials"),
            Column(
                "naive_crossed",
                "",
                "1 if the same network before any learning crossed the level on that task",
            ),
            Column("naive_trials", "trials", "trials until then; else generalise.next_trials"),
            Column("error_retained", "", ERRORS["error_retained"]),
        ),
    ),
}
