"""Stage ``analyse``: one job a learning rule and batch of networks."""

from threefactor.experiment import retrained_batches
from threefactor.experiment.spec import LEARNING, NUMBERS, Input, Spec, task_of_settings

SPEC = Spec(
    name="analyse",
    help="describe trained networks at levels of error: representations, dynamics, weights",
    wildcards={
        "learning_rule": "one of retrain.rules, for example theta_33",
        "batch": "number of the batch of networks, from 0",
    },
    jobs=retrained_batches.jobs,
    inputs={
        "solutions": Input("retrain/{learning_rule}/{batch}.safetensors"),
        "levels": Input("retrain/{learning_rule}/{batch}.levels.csv"),
    },
    outputs={
        "networks": "analyse/{learning_rule}/{batch}.csv",
        "spectrum": "analyse/{learning_rule}/{batch}.spectrum.csv",
        "fixed_points": "analyse/{learning_rule}/{batch}.fixed_points.csv",
        "attractors": "analyse/{learning_rule}/{batch}.attractors.csv",
        "attractor_changes": "analyse/{learning_rule}/{batch}.attractor_changes.csv",
        "representations": "analyse/{learning_rule}/{batch}.safetensors",
    },
    settings=(
        *NUMBERS,
        *LEARNING,
        "retrain.networks",
        "retrain.snapshots",
        "retrain.levels",
        "retrain.gains",
        "analyse",
    ),
    tasks=task_of_settings,
)
