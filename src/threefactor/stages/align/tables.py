"""What the files of stage ``align`` hold, by the name of the output."""

from threefactor.analysis.table import Column, Table

AT = (
    Column("network", "", "number of the network, which learning_rule trained"),
    Column("snapshot", "", "place in retrain.snapshots"),
    Column("trial", "trials", "trial at which these weights were reached"),
)

RULE = Column("learning_rule", "", "rule that trained the network")

COSINE = Column("cosine", "", "cosine of the two mean updates, uncorrected")

OVERLAP = Column("overlap", "", "the cosine with products of independent blocks of trials in its numerator")

TABLES = {
    "alignment": Table(
        "a network, snapshot, compared rule and trial type; the update is compared with −∇L",
        (
            *AT,
            COSINE,
            Column("cosine_standard_error", "", "its standard error, jackknife over blocks"),
            OVERLAP,
            Column(
                "signal",
                "fraction",
                "part of the squared update that is not sampling noise; unbiased, may be negative",
            ),
            Column("gradient_signal", "fraction", "the same for the gradient"),
            Column("norm_ratio", "", "norm of the update by that of the gradient"),
            Column("sign_agreement", "fraction of weights", "equal signs, among weights that both change"),
            Column("update_norm", "norm of W", "norm of the mean update of one trial"),
            Column("reward", "", "mean reward"),
            Column("compared", "", "rule of the update; shuffled: units permuted; term_<k><l>: one term"),
            Column("trial_type", "", "trial type; all; weighted: all, weighted as the gate weights them"),
            RULE,
        ),
    ),
    "similarity": Table(
        "a network, snapshot and pair of compared rules, on the same trials",
        (*AT, COSINE, OVERLAP, Column("first", "", "one rule"), Column("second", "", "the other rule"), RULE),
    ),
    "descent": Table(
        "a network, snapshot, direction and step",
        (
            *AT,
            Column("change", "", "change of the mean reward on other trials, with common noise"),
            Column("predicted", "", "change that the gradient predicts on these trials"),
            Column("standard_error", "", "standard error of the change, over trials"),
            Column("direction", "", "learning_rule: along its mean update; gradient"),
            Column("step", "norm of W", "length of the step"),
            RULE,
        ),
    ),
}
