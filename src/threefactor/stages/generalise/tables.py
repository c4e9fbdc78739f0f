"""What the table of stage ``generalise`` holds."""

from collections.abc import Mapping

from threefactor.analysis.table import NETWORK, Column, Table

TABLES: Mapping[str, Table] = {
    "networks": Table(
        "a network of the batch; all but its number is empty where it never crossed the level",
        (
            NETWORK,
            Column("error", "", "noise-free error on the task it was trained on"),
            Column(
                "error_longer_delay",
                "",
                "noise-free error with the longer delay; empty for a task without a delay",
            ),
            Column("error_known_noise", "", "error with the perturbations of training"),
            Column(
                "error_unseen_noise", "", "error with gaussian noise of standard deviation generalise.noise"
            ),
            Column("next_crossed", "", "1 if it crossed the level on the next task"),
            Column("next_trials", "trials", "trials until then; else generalise.next_trials"),
            Column(
                "naive_crossed",
                "",
                "1 if the same network before any learning crossed the level on that task",
            ),
            Column("naive_trials", "trials", "trials until then; else generalise.next_trials"),
            Column("error_retained", "", "noise-free error on the first task after learning the next"),
        ),
    ),
}
