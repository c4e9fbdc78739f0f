"""Stage ``headline``: the headline numbers, one job."""

from threefactor.experiment.spec import Input, Spec

SPEC = Spec(
    name="headline",
    help="gather the headline numbers",
    inputs={
        "theta": Input("metalearn/{learned_rule}/theta.csv"),
        "history": Input("metalearn/{learned_rule}/history.csv"),
        "accuracy": Input("validate/accuracy.csv"),
        "alignment": Input("align/{learning_rule}/{batch}.csv"),
        "spread": Input("compare_solutions/spread.csv"),
        "tests": Input("compare_solutions/tests.csv"),
        "levels": Input("compare_learning/levels.csv"),
        "endings": Input("compare_learning/endings.csv"),
        "criterion": Input("compare_learning/criterion.csv"),
    },
    outputs={"summary": "summary.json"},
    settings=("analyse.level",),
)
