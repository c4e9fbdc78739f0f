"""Stage ``ablation``: one job."""

from threefactor.experiment.spec import LEARNING, NUMBERS, Input, Spec, task_of_settings

SPEC = Spec(
    name="ablation",
    help="leave terms out of the meta-gradient, one at a time, and measure what is lost",
    inputs={
        "theta": Input("metalearn/{learned_rule}/theta.csv"),
        "hyperparameters": Input("metalearn/{learned_rule}/hyperparameters.csv"),
    },
    outputs={"ablation": "ablation/ablation.csv"},
    settings=(*NUMBERS, *LEARNING, "ablation"),
    tasks=task_of_settings,
    rules=lambda settings, values: ["theta_33"],
)
