"""What the tables of stage ``transfer`` hold, by the name of the output."""

from collections.abc import Mapping

from threefactor.analysis.table import NETWORK, RULE, Column, Table

CONDITION = Column("condition", "", "key of transfer.conditions")

TABLES: Mapping[str, Table] = {
    "networks": Table(
        "a network",
        (
            NETWORK,
            Column("reached", "", "whether it reached the criterion", finite=True),
            Column("trials_to_criterion", "trials", "trials until it did; else the horizon", finite=True),
            Column("error_last", "", "mean |y − y*| over its last trials, as many as criterion.window"),
            Column("accuracy_last", "fraction of trials", "right answers in the same trials"),
            Column("diverged", "", "whether its weight update was not finite", finite=True),
            Column("trials", "trials", "trials that were simulated", finite=True),
            Column("horizon", "trials", "trials after which a network has failed", finite=True),
            CONDITION,
            RULE,
        ),
    ),
    "curve": Table(
        "a trial",
        (
            Column("trial", "trials", "trial of training", finite=True),
            Column("error", "", "median over networks of the trailing mean of |y − y*|"),
            Column("low", "", "first quartile"),
            Column("high", "", "third quartile"),
            Column("correct", "fraction of trials", "trailing mean of right answers, mean over networks"),
            CONDITION,
            RULE,
        ),
    ),
}
