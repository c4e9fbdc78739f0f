"""What the tables of the rules under all conditions hold, and the rules that others are compared with there."""

from threefactor.analysis.solutions.comparison_columns import SURVIVAL
from threefactor.analysis.solutions.learning_speed import REFERENCE
from threefactor.analysis.table import RULE, Column, Table
from threefactor.declarations import TUNED_MARK

CEILING = "node_perturbation"

TUNED = TUNED_MARK + REFERENCE
"""The rule that others are compared with where its constants were tuned for the condition."""

_LOW, _HIGH = "lower end of its 95 % interval", "upper end of its 95 % interval"

CONDITION = Column("condition", "", "key of transfer.conditions")

RULES = Table(
    "a condition and learning rule, every network counted",
    (
        CONDITION,
        RULE,
        Column("networks", "networks", "networks that were trained"),
        Column("reached", "networks", "networks that reached the criterion"),
        Column("diverged", "networks", "networks whose weight update was not finite"),
        Column("reached_fraction", "fraction of networks", "networks that reached the criterion"),
        Column("reached_low", "fraction of networks", f"{_LOW} (Wilson)"),
        Column("reached_high", "fraction of networks", _HIGH),
        Column(
            "restricted_mean", "trials", "mean trials to criterion, failed networks counted at the horizon"
        ),
        Column(
            "restricted_mean_low",
            "trials",
            f"{_LOW}, bootstrap over networks; empty where none reached the criterion",
        ),
        Column("restricted_mean_high", "trials", _HIGH),
        Column(
            "median",
            "trials",
            "trials until half of the networks are at criterion (Kaplan–Meier); else empty",
        ),
        Column("iqr_low", "trials", "trials until a quarter of them is"),
        Column("iqr_high", "trials", "trials until three quarters of them are"),
        Column(
            "ratio_to_theta_33",
            "",
            "restricted mean by that of theta_33 under the condition, same networks; empty where none reached the "
            "criterion by either rule",
        ),
        Column("ratio_low", "", f"{_LOW}, paired bootstrap over networks"),
        Column("ratio_high", "", _HIGH),
        Column("logrank_p", "", "p of the log-rank test against theta_33"),
        Column(
            "gap_closed", "", "0 for theta_33, 1 for node_perturbation; empty where the latter is not faster"
        ),
        Column("gap_closed_low", "", f"{_LOW}, paired bootstrap over networks"),
        Column("gap_closed_high", "", _HIGH),
        Column(
            "ratio_to_untuned", "", "restricted mean by that of theta_33 under compare_conditions.untuned"
        ),
        Column("untuned_low", "", f"{_LOW}, paired bootstrap over networks"),
        Column("untuned_high", "", _HIGH),
        Column("accuracy", "fraction of trials", "right answers in the last trials, mean over networks"),
        Column("error", "", "mean |y − y*| in the last trials, mean over networks"),
        Column("horizon", "trials", "trials after which a network has failed"),
        Column("trials", "trials", "trials that were simulated, all networks"),
    ),
    optional=(
        Column(
            "ratio_to_tuned",
            "",
            f"restricted mean by that of {TUNED}, whose constants were tuned for the condition; where one has it",
        ),
        Column("to_tuned_low", "", f"{_LOW}, paired bootstrap over networks"),
        Column("to_tuned_high", "", _HIGH),
    ),
)
"""Columns of ``rules.csv``."""

TO_TUNED = [column.name for column in RULES.optional]
"""Ratio to the tuned theta_33, with the ends of its interval."""

PAIRS = Table(
    "a condition and ordered pair of learning rules",
    (
        CONDITION,
        RULE,
        Column("beside", "", "learning rule that it is compared with"),
        Column("networks", "networks", "networks that both trained"),
        Column("ratio", "", "restricted mean of the first by that of the second, on these networks"),
        Column("ratio_low", "", f"{_LOW}, paired bootstrap over networks"),
        Column("ratio_high", "", _HIGH),
    ),
)
"""Columns of ``pairs.csv``."""

WAITING = Table("a condition, learning rule and step of its curve", (CONDITION, *SURVIVAL.columns))
"""Columns of ``waiting.csv``."""
