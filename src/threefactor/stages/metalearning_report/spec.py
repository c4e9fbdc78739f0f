"""Stage ``metalearning_report``: one job over all learned rules."""

from threefactor.experiment.spec import Input, Spec

SPEC = Spec(
    name="metalearning_report",
    help="measure what finding the learned rules cost, beside evolution",
    inputs={"held_out": Input("metalearn/{learned_rule}/held_out.csv")},
    outputs={
        "searches": "metalearning_report/searches.csv",
        "savings": "metalearning_report/savings.csv",
    },
    settings=(
        *("task.name", "plasticity.deviation", "plasticity.eligibility_time_ms"),
        "plasticity.momentum",
        "plasticity.update_size",
        *("metalearn.degree", "metalearn.rules"),
    ),
)
