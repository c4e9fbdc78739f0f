"""What the files of stage ``prune`` hold, by the name of the output."""

from threefactor.analysis.families.scores import SCORES
from threefactor.analysis.table import Column, Table

TABLES = {
    "path": Table(
        "a weight of sparsity, the dense rule first; the path ends before a weight that leaves no term",
        (
            Column("weight", "", "weight of |scaled θ|₁"),
            Column("terms", "terms", "terms that are not zero"),
            Column("trials", "trials", "simulated trials along the path, all networks"),
            *SCORES,
            Column("theta_scaled_<kl>", "weight change of θ₃₃", "scaled coefficient of each term"),
        ),
    ),
    "contributions": Table(
        "a term that is left out, the whole rule first",
        (
            Column("without", "", "the term kl, or nothing"),
            Column("theta_scaled", "weight change of θ₃₃", "scaled coefficient of the term"),
            *SCORES,
        ),
    ),
}
