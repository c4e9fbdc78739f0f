"""Stage ``analyse``: one job over all networks."""

from threefactor.experiment.spec import LEARNING, NUMBERS, Input, Spec, task_of_settings

SPEC = Spec(
    name="analyse",
    help="describe and compare the trained networks: representations, dynamics, distances",
    inputs={
        "solutions": Input("retrain/{learning_rule}/{batch}.safetensors"),
        "levels": Input("retrain/{learning_rule}/{batch}.levels.csv"),
    },
    outputs={
        "networks": "analyse/networks.csv",
        "decoding": "analyse/decoding.csv",
        "cross_temporal": "analyse/cross_temporal.safetensors",
        "spectrum": "analyse/spectrum.csv",
        "fixed_points": "analyse/fixed_points.csv",
        "trajectories": "analyse/trajectories.safetensors",
        "distances": "analyse/distances.safetensors",
        "embedding": "analyse/embedding.csv",
        "spread": "analyse/spread.csv",
        "permanova": "analyse/permanova.csv",
    },
    settings=(*NUMBERS, *LEARNING, "retrain.levels", "analyse"),
    tasks=task_of_settings,
    memory_mb=8000,
    minutes=240,
)
