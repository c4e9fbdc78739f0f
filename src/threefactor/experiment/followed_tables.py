"""What the tables of networks that were followed to a horizon hold; see `threefactor.experiment.follow_batch`."""

from threefactor.analysis.table import NETWORK, Column, Table

OF_NETWORKS = (
    NETWORK,
    Column("reached", "", "whether it reached the criterion within its horizon", finite=True),
    Column("trials_to_criterion", "trials", "trials until the criterion; else that horizon", finite=True),
    Column("error_last", "", "error over its last trials, as many as the criterion's window"),
    Column("accuracy_last", "fraction of trials", "right answers over the same trials"),
    Column("noise_free_error", "", "noise-free error at the end of learning, mean over trial types"),
    Column("noise_free_accuracy", "fraction of trial types", "right answers without noise, then"),
    Column(
        "trials", "trials", "trials of learning: the rule's horizon, or fewer if it diverged", finite=True
    ),
    Column("diverged", "", "whether it was stopped by an update that was not finite", finite=True),
)
"""Columns of a table with a row per network."""

LEVELS = Table(
    "a network of the batch and a level",
    (
        NETWORK,
        Column("level", "", "level of the noise-free error, of retrain.levels", finite=True),
        Column("crossed", "", "whether the error was at most the level at an evaluation", finite=True),
        Column("trials", "trials", "trials until it first was; else all trials of learning", finite=True),
        Column("error", "", "noise-free error at that evaluation; empty where there was none"),
    ),
    least=1,
)
"""The table with a row per network and level."""
