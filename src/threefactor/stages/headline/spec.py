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
        "criterion": Input("analyse/criterion.csv"),
    },
    outputs={"summary": "summary.json"},
)
