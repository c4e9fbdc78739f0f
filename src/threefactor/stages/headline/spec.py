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
        "spread": Input("analyse/spread.csv"),
        "permanova": Input("analyse/permanova.csv"),
        "levels": Input("compare_learning/levels.csv"),
        "endings": Input("compare_learning/endings.csv"),
        "criterion": Input("compare_learning/criterion.csv"),
    },
    outputs={"summary": "summary.json"},
)
