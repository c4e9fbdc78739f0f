"""Columns of the tables that say whether learning rules make classes of solutions."""

from threefactor.analysis.solutions.distances import NAMES
from threefactor.analysis.table import LEVEL, RULE, Column, Table, with_interval

QUANTITY = Column("distance", "", f"distance between networks: {', '.join(NAMES)}")

_NETWORKS = Column("networks", "networks", "networks that are compared")

EXPLAINED = Table(
    "a level of error, distance, set of covariates and factor",
    (
        LEVEL,
        QUANTITY,
        Column("covariates", "", "what is taken out first: none, or the rank of ΔW and the remaining error"),
        Column("factor", "", "learning_rule, initialisation, gain, covariates or residual"),
        _NETWORKS,
        Column("levels", "levels", "levels of the factor; 0 where nothing is tested"),
        Column("effect", "", "R²: share of the squared distances, the other factors given"),
        Column(
            "null", "", "mean of R² over permutations: what a factor with so many levels explains by chance"
        ),
        Column("adjusted", "", "ε²: R² less what chance explains; its mean is 0 without an effect"),
        Column("partial", "", "sum of squares of the factor by its own and that of the error"),
        Column("statistic", "", "pseudo-F"),
        Column("p", "", "of the permutation test"),
        Column("p_holm", "", "the same, corrected for the number of tests in this table (Holm)"),
        Column("p_fdr", "", "the same, corrected for the false discovery rate (Benjamini–Hochberg)"),
        Column("permuted", "", "what is exchanged, and within or over what"),
    ),
)
"""Columns of ``explained.csv``."""

CLUSTERS = Table(
    "a level of error, distance and set of networks",
    (
        LEVEL,
        QUANTITY,
        Column(
            "of",
            "",
            "all networks, all without what their initialisations share, or those of one learning rule",
        ),
        _NETWORKS,
        Column("number", "clusters", "number of clusters that fits best, from 2"),
        Column("silhouette", "", "mean silhouette of these, −1 to 1"),
        Column("excess", "standard deviations", "silhouette above that of points of one normal distribution"),
        Column("p", "", "of there being one cluster"),
        Column(
            "rand_learning_rule", "", "adjusted Rand index of clusters and rules: 0 chance, 1 the same groups"
        ),
        Column("rand_initialisation", "", "the same, of clusters and initialisations"),
        Column("rand_gain", "", "the same, of clusters and gains"),
    ),
)
"""Columns of ``clusters.csv``."""

PREDICTIONS = Table(
    "a level of error, set of features and of networks left out",
    (
        LEVEL,
        Column("features", "", "what the learning rule is told from: measures, units or trajectory"),
        Column("left_out", "", "what the networks that are tested share: initialisation or gain"),
        _NETWORKS,
        Column("rules", "learning rules", "that are told apart"),
        Column("features_number", "features", "of each network"),
        Column("accuracy", "fraction of networks", "mean recall over rules, mean over splits"),
        Column("spread", "fraction of networks", "standard deviation over splits"),
        Column("chance", "fraction of networks", "1 / rules"),
        Column("null", "fraction of networks", "mean accuracy with labels permuted within initialisations"),
        Column("p", "", "of the permutation test"),
    ),
)
"""Columns of ``predictions.csv``."""

TWO_BY_TWO = Table(
    "a level of error, measure and effect",
    (
        LEVEL,
        Column("quantity", "", "measure of networks"),
        Column("effect", "", "locality (local less not), feedback (error less reward) or their interaction"),
        Column("rules", "learning rules", "in the four cells"),
        *with_interval("estimate", "of the measure", "the effect", "bootstrap over initialisations"),
        Column("low_rules", "of the measure", "lower end of the 95 % interval over rules"),
        Column("high_rules", "of the measure", "upper end of that interval"),
        Column(
            "standardised", "standard deviations", "the effect by the spread between networks of one rule"
        ),
        Column("p_rules", "", "of no effect, with rules as the units"),
        Column("p_exact", "", "of exchanging rules between cells; empty for the interaction"),
        Column("smallest_p", "", "smallest p that such an exchange can give with so few rules"),
    ),
)
"""Columns of ``two_by_two.csv``."""

OVER_NULL = Table(
    "a level of error, distance, learning rule and kind of walks",
    (
        LEVEL,
        QUANTITY,
        RULE,
        Column("walks", "", "steered away from the anchor's representation, or in a random direction"),
        Column("anchors", "networks", "networks from which walks began"),
        Column("within", "of the distance", "mean distance between two networks of the rule"),
        Column("noise", "of the distance", "mean distance between two noisy repeats of one network"),
        Column(
            "reachable",
            "of the distance",
            "mean distance between walks that keep the error, from the same anchors",
        ),
        Column("reachable_halfway", "of the distance", "the same, after half of the steps of these walks"),
        Column("from_anchor", "of the distance", "mean distance of the end of a walk from its anchor"),
        Column("untrained", "of the distance", "mean distance between these networks before learning"),
        Column(
            "random_directions", "of the distance", "mean distance where ΔW has random singular directions"
        ),
        *with_interval("ratio", "", "within by reachable: below 1 the rule uses less than the task permits"),
    ),
)
"""Columns of ``over_null.csv``."""

CORRELATIONS = Table(
    "a level of error, measure and set of networks",
    (
        LEVEL,
        Column("quantity", "", "measure of networks"),
        Column("over", "", "all networks, or within rules: ranks among networks of one rule"),
        _NETWORKS,
        *with_interval(
            "estimate",
            "",
            "correlation of ranks with error_out_of_distribution (see generalise)",
            "bootstrap over initialisations",
        ),
    ),
)
"""Columns of ``correlations.csv``."""
