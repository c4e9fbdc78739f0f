"""Stage ``null_models``: one job a learning rule and batch of networks."""

from threefactor.experiment import retrained_batches
from threefactor.experiment.spec import LEARNING, NUMBERS, Input, Spec, task_of_settings

SPEC = Spec(
    name="null_models",
    help="find out how far apart networks can be at equal error, and seem to be by noise",
    wildcards={
        "learning_rule": "one of retrain.rules, for example theta_33",
        "batch": "number of the batch of networks, from 0",
    },
    jobs=retrained_batches.jobs,
    inputs={
        "solutions": Input("retrain/{learning_rule}/{batch}.safetensors"),
        "networks": Input("analyse/{learning_rule}/{batch}.csv"),
    },
    outputs={
        "networks": "null_models/{learning_rule}/{batch}.csv",
        "weights": "null_models/{learning_rule}/{batch}.safetensors",
    },
    settings=(
        *NUMBERS,
        *LEARNING,
        *("retrain.levels", "retrain.networks", "retrain.gains", "analyse", "null_models"),
    ),
    tasks=task_of_settings,
    minutes=240,
)
