"""What the files of stage ``validate`` hold, by the name of the output."""

from threefactor.analysis.table import Column, Table

WHERE = (
    Column("learning_rule", "", "name of the rule; random_<degree> for a random one"),
    Column("degree", "", "highest power in it"),
    Column("gain", "", "gain g of the network"),
    Column("network", "", "number of the network"),
)

TABLES = {
    "accuracy": Table(
        "a rule, network, method, trial and quantity; none where both derivatives are zero",
        (
            *WHERE,
            Column("precision", "", "floating point type of the tangents"),
            Column(
                "method", "", "what tangents are compared with: complex_step, reverse, autograd or difference"
            ),
            Column("step_size", "scaled θ", "step of the differences"),
            Column("trial", "trials", "counted from the first whose update depends on θ"),
            Column("quantity", "", "reward_tangent, cumulated_reward_tangent or weight_tangent"),
            Column(
                "relative_error",
                "",
                "norm of the difference, by the norm of the derivative; inf where it is not finite",
            ),
        ),
    ),
    "growth": Table(
        "a rule, network and trial",
        (
            *WHERE,
            Column("trial", "trials", "counted from 0, the trial before the first update"),
            Column("reward_tangent_norm", "", "norm of ∂R/∂θ along validate.directions, root mean square"),
            Column("weight_tangent_norm", "", "norm of ∂W/∂θ along them"),
            Column(
                "lyapunov_exponent",
                "1/s",
                "largest, of the network without inputs; at trial 0 and validate.trials",
            ),
        ),
    ),
}
