"""What the files of stage ``estimate`` hold, by the name of the output."""

from threefactor.analysis.table import Array, Column, Table, with_interval

PAIRED = "t interval, paired over networks"

WHERE = (
    Column("plasticity_strength", "", "name of the strength of plasticity"),
    Column("noise", "", "weight noise as a share of the root mean square of the update"),
    Column("horizon", "trials", "trials after the warm-up of which the mean reward is differentiated"),
    Column(
        "estimator",
        "",
        "name of the estimator; difference is the truth, _running has the running average as baseline",
    ),
)

TABLES = {
    "estimators": Table(
        "a noise, horizon, estimator and term, at θ₃₃; gradients are with respect to scaled θ",
        (
            *WHERE,
            Column("term", "", "powers k and l; along: component along the truth; norm: over all terms"),
            Column("networks", "networks", "networks that were run"),
            Column("failed", "networks", "networks without a finite estimate"),
            Column("truth", "", "central differences with common noise"),
            Column("truth_error", "", "standard error of the truth, over networks"),
            Column("mean", "", "mean estimate"),
            Column("mean_error", "", "standard error of the mean"),
            *with_interval("bias", "", "mean minus truth", PAIRED),
            Column("expected", "", "mean; of score-function estimators without the noise that they score"),
            *with_interval("expected_bias", "", "expected minus truth", PAIRED),
            Column("deviation", "", "standard deviation of the estimate of one network"),
            *with_interval("share", "", "expected by truth, of the component along the truth", PAIRED),
            Column("cosine", "", "cosine of the mean with the truth, in row norm"),
            Column("seconds", "s", "processor time for a network and trial; measured, not reproducible"),
        ),
    ),
    "errors": Table(
        "a noise, horizon, estimator and number of networks",
        (
            *WHERE,
            Column("networks", "networks", "networks that are averaged"),
            Column("truth", "", "norm of the truth"),
            Column("rmse", "", "√(bias² + deviation²/networks), over all terms"),
            Column("rmse_clipped", "", "of the average that is clipped at the median norm, from resamples"),
            Column("seconds", "s", "processor time for so many networks; measured, not reproducible"),
        ),
    ),
}

ARRAYS = {
    "samples": (
        Array(
            "<estimator>.noise<n>.horizon<n>",
            "b p",
            "",
            "gradient of each network; n is the place in the settings",
        ),
        Array(
            "mean_of_<estimator>.noise<n>.horizon<n>", "b p", "", "the same without the noise that is scored"
        ),
    ),
}
