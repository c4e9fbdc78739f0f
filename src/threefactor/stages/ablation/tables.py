"""What the file of stage ``ablation`` holds."""

from threefactor.analysis.table import Column, Table, with_interval

TABLES = {
    "ablation": Table(
        "a rule, ablation, horizon and network; and one for each way to pool networks",
        (
            Column("learning_rule", "", "name of the rule"),
            Column(
                "ablation",
                "",
                "what is left out: reward, baseline, gate, clip, indirect, state, window; whole or rounding for nothing",
            ),
            Column("window", "trials", "updates before a reward that the gradient sees, of ablation window"),
            Column(
                "horizon", "trials", "trials of which the mean reward is differentiated, with the warm-up"
            ),
            Column("over", "", "network; or median, mean, clipped: over networks"),
            Column("network", "", "number of the network"),
            Column("networks", "networks", "networks in the row"),
            Column("failed", "networks", "networks whose gradient is not finite, or zero as a whole"),
            Column("clipped", "fraction of updates", "updates at the clip, after the warm-up"),
            Column("gradient_norm", "", "norm of the gradient with respect to scaled θ"),
            *with_interval(
                "error", "", "norm of the difference from the whole gradient, by the norm of that"
            ),
            *with_interval("cosine", "", "cosine with the whole gradient"),
            *with_interval("norm_ratio", "", "norm by that of the whole gradient"),
        ),
    ),
}
