"""Stage ``validate``: one job."""

from threefactor.experiment.spec import LEARNING, NUMBERS, Input, Spec, task_of_settings

SPEC = Spec(
    name="validate",
    help="compare tangents with reverse mode, complex step and differences",
    inputs={
        "theta": Input("metalearn/{learned_rule}/theta.csv"),
        "hyperparameters": Input("metalearn/{learned_rule}/hyperparameters.csv"),
    },
    outputs={"accuracy": "validate/accuracy.csv", "growth": "validate/growth.csv"},
    settings=(*NUMBERS, *LEARNING, "validate", "metalearn.norm", "metalearn.scaling_networks"),
    tasks=task_of_settings,
    rules=lambda settings, values: ["theta_33"],
)
