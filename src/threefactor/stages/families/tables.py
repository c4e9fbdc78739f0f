"""What the tables of stage ``families`` hold, by the name of the output."""

from collections.abc import Mapping

from threefactor.analysis.families.scores import SCORES
from threefactor.analysis.table import NETWORK, Column, Table

RULE = Column("learning_rule", "", "learning rule; theta_33, then the learned rules")

TABLES: Mapping[str, Table] = {
    "rules": Table(
        "a learning rule",
        (
            RULE,
            Column("rule_class", "", "constraints of a learned rule; empty for theta_33"),
            Column("cluster", "", "number of the cluster; rules of one cluster are one function"),
            Column(
                "threshold", "", "largest distance between two rules of one class; empty where none has two"
            ),
            Column("terms", "terms", "coefficients that are not zero"),
            *SCORES,
        ),
    ),
    "distances": Table(
        "a pair of learning rules",
        (
            Column("first", "", "one rule"),
            Column("second", "", "the other rule"),
            Column("same_class", "", "whether both are learned rules of one class"),
            Column("theta_distance", "", "1 − cosine of scaled θ; empty for different deviations"),
            Column(
                "function_distance_untrained", "", "1 − cosine as functions of states in the first trials"
            ),
            Column("function_distance_learning", "", "1 − cosine as functions of states in the last trials"),
        ),
    ),
    "visited": Table(
        "a deviation and pair of powers",
        (
            Column("deviation", "", "raw, normalised or standardised"),
            Column("k", "", "power of the presynaptic rate"),
            Column("l", "", "power of the postsynaptic deviation"),
            Column("untrained", "", "mean of rate^k deviation^l in the first trials, learning by theta_33"),
            Column("learning", "", "the same in the last trials"),
        ),
    ),
    "rank": Table(
        "a learned rule, network and trial",
        (
            RULE,
            NETWORK,
            Column("trial", "trials", "trials of learning; 1 is the first whose update depends on θ"),
            Column("terms", "terms", "weight tangents"),
            Column("participation_ratio", "", "of the Gram matrix of the tangents with respect to scaled θ"),
            Column("effective_rank", "", "exponential of the entropy of their singular values"),
            Column("effective_rank_alone", "", "the same of tangents of length one"),
        ),
    ),
}
