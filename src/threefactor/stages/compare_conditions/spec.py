"""Stage ``compare_conditions``: one job, which needs no stage but ``transfer``."""

from threefactor.experiment.spec import Input, Spec

SPEC = Spec(
    name="compare_conditions",
    help="compare the learning rules under every condition",
    inputs={"networks": Input("transfer/{condition}/{learning_rule}/{batch}.csv")},
    outputs={
        "rules": "compare_conditions/rules.csv",
        "pairs": "compare_conditions/pairs.csv",
        "waiting": "compare_conditions/waiting.csv",
        "published": "compare_conditions/published.csv",
        "table": "compare_conditions/table.html",
    },
    settings=("seed", "compare_conditions"),
    tables={"table": "transfer"},
)
