"""Stage ``compare_learning``: one job over the tables of all retrained networks."""

from threefactor.experiment.spec import Input, Spec

SPEC = Spec(
    name="compare_learning",
    help="compare how fast, how far and how stably networks learn by each rule",
    inputs={
        "networks": Input("retrain/{learning_rule}/{batch}.csv"),
        "levels": Input("retrain/{learning_rule}/{batch}.levels.csv"),
        "evaluations": Input("retrain/{learning_rule}/{batch}.evaluations.csv"),
    },
    outputs={
        "criterion": "compare_learning/criterion.csv",
        "survival": "compare_learning/survival.csv",
        "levels": "compare_learning/levels.csv",
        "level_survival": "compare_learning/level_survival.csv",
        "along": "compare_learning/along.csv",
        "endings": "compare_learning/endings.csv",
    },
    settings=("seed", "criterion.horizon", "retrain.horizon", "compare_learning"),
)
