"""Columns of the tables that compare learning rules."""

from threefactor.analysis.solutions.distances import NAMES
from threefactor.analysis.table import LEVEL, NETWORK, RULE, Column, Table

_DISTANCE = Column("distance", "", f"distance between networks: {', '.join(NAMES)}")

_LOW = "lower end of its 95 % interval"

_HIGH = "upper end of its 95 % interval"

EMBEDDING = Table(
    "a level of error, distance and compared network",
    (
        LEVEL,
        _DISTANCE,
        Column("row", "", "place of the network in distances.safetensors, from 0"),
        *(RULE, NETWORK),
        Column("x", "of the distance", "first coordinate of the map (classical multidimensional scaling)"),
        Column("y", "of the distance", "second coordinate of the map"),
        Column("explained", "fraction", "what x and y hold of the positive eigenvalues"),
    ),
)
"""Columns of ``embedding.csv``."""

SPREAD = Table(
    "a level of error, learning rule and quantity",
    (
        LEVEL,
        RULE,
        Column(
            "quantity",
            "",
            f"{', '.join(NAMES)}: mean distance between two networks; else the mean of a measure",
        ),
        Column("networks", "networks", "networks of the rule in which it was measured"),
        Column("estimate", "of the quantity", "the quantity"),
        Column("low", "of the quantity", f"{_LOW}, bootstrap over initialisations; empty for two networks"),
        Column("high", "of the quantity", _HIGH),
        Column("ratio_to_bptt", "", "the quantity by that of bptt; empty where bptt is absent"),
        Column("ratio_low", "", f"{_LOW}, paired bootstrap"),
        Column("ratio_high", "", _HIGH),
    ),
)
"""Columns of ``spread.csv``."""

TESTS = Table(
    "a level of error, distance, test and factor",
    (
        LEVEL,
        _DISTANCE,
        Column("test", "", "dispersion or classification"),
        Column("factor", "", "what groups the networks: learning_rule or initialisation"),
        Column("groups", "groups", "groups that are compared"),
        Column("networks", "networks", "networks that are compared"),
        Column("statistic", "", "F; for classification its accuracy, 0 to 1"),
        Column("effect", "", "η²; for classification accuracy minus chance"),
        Column("chance", "fraction", "accuracy by guessing, for classification alone"),
        Column("p", "", "of the permutation test"),
        Column("permutations", "permutations", "permutations of the null distribution"),
        Column("permuted_within", "", "factor within whose groups labels are permuted"),
    ),
)
"""Columns of ``tests.csv``."""


def speed_columns(event: str, horizon: str) -> tuple[Column, ...]:
    """Return the columns that say how soon networks get to an event, as "the criterion", within a setting's trials."""
    return (
        Column("networks", "networks", "retrained networks"),
        Column("reached", "networks", f"networks that got to {event} within the horizon"),
        Column(
            "reached_fraction", "fraction of networks", f"networks that got to {event} within the horizon"
        ),
        Column("reached_low", "fraction of networks", f"{_LOW} (Wilson)"),
        Column("reached_high", "fraction of networks", _HIGH),
        Column(
            "restricted_mean", "trials", f"mean trials to {event}, failed networks counted at the horizon"
        ),
        Column(
            "restricted_mean_low", "trials", f"{_LOW}, bootstrap over networks; empty where none got there"
        ),
        Column("restricted_mean_high", "trials", _HIGH),
        Column(
            "ratio_to_theta_33",
            "",
            "restricted mean by that of theta_33 on the same networks; empty where none got there by either rule",
        ),
        Column("ratio_low", "", f"{_LOW}, paired bootstrap over networks"),
        Column("ratio_high", "", _HIGH),
        Column(
            "median", "trials", f"trials until half of the networks are at {event} (Kaplan–Meier); else empty"
        ),
        Column("iqr_low", "trials", "trials until a quarter of them is"),
        Column("iqr_high", "trials", "trials until three quarters of them are"),
        Column("logrank_p", "", "p of the log-rank test against theta_33"),
        Column("horizon", "trials", f"trials after which a network has failed: {horizon}"),
    )


CRITERION = Table(
    "a learning rule, every network counted",
    (
        RULE,
        *speed_columns("the criterion", "criterion.horizon"),
        Column(
            "accuracy",
            "fraction of trials",
            "right answers in the last trials of learning, mean over networks",
        ),
    ),
)
"""Columns of ``criterion.csv``."""

LEVELS = Table(
    "a learning rule and level of noise-free error, every network counted",
    (
        RULE,
        LEVEL,
        *speed_columns("the level", "retrain.horizon"),
        Column("error", "", "noise-free error when the level is first crossed, median over networks"),
        Column("error_low", "", "first quartile"),
        Column("error_high", "", "third quartile"),
        Column(
            "crossed", "networks", "networks that crossed the level before the end of the rule's learning"
        ),
        Column("lost", "networks", "networks of these whose error is above the level at the end of learning"),
        Column("lost_fraction", "fraction of networks", "the same, as a share of those that crossed it"),
        Column("lost_low", "fraction of networks", f"{_LOW} (Wilson)"),
        Column("lost_high", "fraction of networks", _HIGH),
    ),
)
"""Columns of ``levels.csv``."""

GAIN = Column("gain", "", "gain g of the initial weights")

LEVELS_BY_GAIN = Table(
    "a gain of the initial weights, learning rule and level of noise-free error", (GAIN, *LEVELS.columns)
)
"""Columns of ``levels_by_gain.csv``."""


def curve_columns(event: str) -> tuple[Column, ...]:
    """Return the columns of Kaplan–Meier curves of the networks that are not yet at an event, as "the criterion"."""
    return (
        Column("trial", "trials", "where the curve steps"),
        Column("waiting", "fraction of networks", f"networks not yet at {event} (Kaplan–Meier)"),
        Column("low", "fraction of networks", f"{_LOW} (log-log)"),
        Column("high", "fraction of networks", _HIGH),
        Column("at_risk", "networks", "networks followed so far that are not yet there"),
    )


SURVIVAL = Table("a learning rule and step of its curve", (RULE, *curve_columns("the criterion")))
"""Columns of ``survival.csv``."""

LEVEL_SURVIVAL = Table(
    "a learning rule, level and step of its curve", (RULE, LEVEL, *curve_columns("the level"))
)
"""Columns of ``level_survival.csv``."""
