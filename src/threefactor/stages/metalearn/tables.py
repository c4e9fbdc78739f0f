"""What the files of stage ``metalearn`` hold, by the name of the output."""

from threefactor.analysis.table import Array, Column, Table

TABLES = {
    "theta": Table(
        "a term of θ",
        (
            Column("k", "", "power of the presynaptic rate", finite=True),
            Column("l", "", "power of the deviation", finite=True),
            Column("start", "", "coefficient before the first step", finite=True),
            Column(
                "theta",
                "",
                "coefficient of the learned rule: average of the last third of the iterates, within the constraint",
                finite=True,
            ),
            Column("scale", "", "factor from scaled to raw coefficients", finite=True),
            Column(
                "start_scaled",
                "weight change of θ₃₃",
                "start in units of the weight change that each term makes",
                finite=True,
            ),
            Column("theta_scaled", "weight change of θ₃₃", "theta in the same units", finite=True),
        ),
        optional=(
            Column("eligibility_time_ms", "ms", "decay time of the eligibility, if the rule has its own"),
            Column("deviation", "", "deviation in the eligibility, if the rule has its own"),
            Column("deviation_bound", "rms", "bound of the deviation, if the rule has its own"),
            Column("momentum", "", "momentum of its weight changes, if the rule has its own"),
            Column("update_size", "g/√N", "size of its normalised updates, if the rule has its own"),
        ),
        least=1,
    ),
    "hyperparameters": Table(
        "a meta-learned hyperparameter",
        (
            Column("name", "", "key of the setting"),
            Column("start", "that of the row", "value before the first step", finite=True),
            Column("value", "that of the row", "value of the learned rule", finite=True),
            Column("unit", "", "unit of the row"),
        ),
    ),
    "history": Table(
        "a step of θ",
        (
            Column("step", "", "number of the step, from 0; θ is that before it", finite=True),
            Column("trials_per_network", "trials", "trials of each learning run", finite=True),
            Column("trials", "trials", "simulated trials of all networks", finite=True),
            Column(
                "perturbation_r2",
                "",
                "R² of the update of θ and that of node perturbation, in untrained networks",
            ),
            Column("objective", "", "mean reward, or minus the smoothed error rate, after the warm-up"),
            Column("objective_standard_error", "", "standard error of the objective, over networks"),
            Column("gradient_norm", "", "norm of the mean gradient"),
            Column("median_norm", "", "median norm over networks, before clipping"),
            Column("longest_norm", "", "largest norm over networks, before clipping"),
            Column("clipped", "networks", "networks whose gradient was clipped at the median norm"),
            Column("dropped", "networks", "networks without a finite gradient"),
            Column("theta_scaled_<kl>", "weight change of θ₃₃", "scaled coefficient of each term"),
            Column(
                "gradient_<kl>", "", "mean of the clipped gradients, with respect to the scaled coefficient"
            ),
            Column("standard_error_<kl>", "", "standard error of this mean, over networks"),
            Column("value_<key>", "that of the setting", "value of each meta-learned hyperparameter"),
            Column("slope_<key>", "", "mean gradient along its coordinate"),
            Column("slope_standard_error_<key>", "", "standard error of this mean"),
        ),
    ),
    "held_out": Table(
        "a score on held-out networks, which are the same for every score",
        (
            Column("step", "", "steps before the score", finite=True),
            Column("trials", "trials", "trials that were simulated to learn, so far", finite=True),
            Column("held_out_trials", "trials", "trials that were simulated to score, so far", finite=True),
            Column("networks", "networks", "held-out networks", finite=True),
            Column("failed", "networks", "held-out networks whose error is not finite"),
            Column(
                "smoothed_error_rate",
                "fraction of trials",
                "mean of 1/(1 + exp(−(error − criterion.error)/0.12))",
            ),
            Column(
                "smoothed_error_rate_standard_error", "fraction of trials", "its standard error over networks"
            ),
            Column("change", "fraction of trials", "change from the first score, paired over networks"),
            Column("change_standard_error", "fraction of trials", "its standard error over networks"),
            Column("error", "", "mean |y − y*|"),
            Column(
                "restricted_mean",
                "trials",
                "restricted mean of the trials to criterion within metalearn.held_out_trials",
            ),
            Column("reached", "networks", "networks that reached the criterion"),
            Column("kept", "", "whether this θ is the learned rule"),
        ),
    ),
    "conditions": Table(
        "a key of a condition that was drawn from metalearn.distribution",
        (
            Column("held_out", "", "whether the condition is that of held-out networks"),
            Column("step", "", "number of the step, from 0; empty for held-out networks"),
            Column("condition", "", "number of the condition in its step, or of held-out networks, from 0"),
            Column(
                "networks",
                "networks",
                "networks that learn under it; networks of gradients.safetensors are in the order of conditions",
            ),
            Column("key", "", "key of the setting"),
            Column("value", "that of the setting", "its value in the condition"),
        ),
    ),
}

ARRAYS = {
    "gradients": (
        Array(
            "gradient",
            "s b p",
            "",
            "gradient of each step and network with respect to the coordinates of θ, before clipping",
        ),
        Array("objective", "s b", "", "objective of each step and network"),
        Array("finite", "s b", "", "whether the gradient is finite"),
    ),
}
