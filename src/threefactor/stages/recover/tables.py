"""What the tables of stage ``recover`` hold, by the name of the output."""

from collections.abc import Mapping

from threefactor.analysis.recovery.coefficient_table import TERMS
from threefactor.analysis.recovery.coverage import COVERAGE
from threefactor.analysis.table import Column, Table

RULE = Column("learning_rule", "", "ground-truth rule; random_<degree> for a random one of all terms")

NOISE = (
    Column("data", "", "name of the noise"),
    Column("noise_in", "", "where noise is added: nothing, changes (of weights) or rates (and states)"),
    Column("noise", "share of the changes' rms; no unit for rates", "size of the noise"),
    Column("measurements", "measurements", "measurements of the rates and states of each trial"),
)
"""Which data a fit is of."""

FIT = (
    Column("true", "", "true coefficient"),
    Column("unit", "", "coefficient whose term alone makes changes of the observed size"),
    Column(
        "relative_error",
        "",
        "norm of recovered minus true θ by that of true θ, in units; the same in all rows",
    ),
    Column("trials", "trials", "trials that change weights"),
    Column("rows", "weight changes", "changes of one synapse in one trial that are fitted"),
    Column("clipped", "weight changes", "changes that are left out since they are clipped"),
    Column("residual", "", "root mean square of the residual"),
    Column("condition", "", "condition number of the scaled columns"),
)
"""Columns beside those of `threefactor.analysis.recovery.coefficient_table.TERMS`."""

TABLES: Mapping[str, Table] = {
    "terms": Table("a ground-truth rule, noise and term", (RULE, *NOISE, *TERMS, *FIT)),
    "coverage": Table(
        "a ground-truth rule and size of noise in the weight changes",
        (RULE, Column("noise", "share of the changes' rms", "size of the noise"), *COVERAGE),
    ),
}
