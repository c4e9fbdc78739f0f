"""Stage ``compare_solutions``: one job over all analysed networks."""

from collections.abc import Iterable

from threefactor.experiment import retrained_batches
from threefactor.experiment.spec import (
    LEARNING,
    NUMBERS,
    Input,
    Settings,
    Spec,
    Values,
    task_of_settings,
)


def compared(settings: Settings, values: Values) -> Iterable[Values]:
    """List the learning rules that are compared, and their batches."""
    rules = settings.compare_solutions.rules or settings.retrain.rules
    return [one for one in retrained_batches.jobs(settings) if one["learning_rule"] in rules]


SPEC = Spec(
    name="compare_solutions",
    help="compare the solutions of all learning rules at equal error, beside null models",
    inputs={
        "networks": Input("analyse/{learning_rule}/{batch}.csv", compared),
        "fixed_points": Input("analyse/{learning_rule}/{batch}.fixed_points.csv", compared),
        "representations": Input("analyse/{learning_rule}/{batch}.safetensors", compared),
        "solutions": Input("retrain/{learning_rule}/{batch}.safetensors", compared),
        "attractors": Input("analyse/{learning_rule}/{batch}.attractors.csv", compared),
        "nulls": Input("null_models/{learning_rule}/{batch}.safetensors", compared),
        "generalised": Input("generalise/{learning_rule}/{batch}.csv", compared),
        "evaluations": Input("retrain/{learning_rule}/{batch}.evaluations.csv", compared),
    },
    outputs={
        "distances": "compare_solutions/distances.safetensors",
        "embedding": "compare_solutions/embedding.csv",
        "spread": "compare_solutions/spread.csv",
        "tests": "compare_solutions/tests.csv",
        "explained": "compare_solutions/explained.csv",
        "clusters": "compare_solutions/clusters.csv",
        "predictions": "compare_solutions/predictions.csv",
        "over_null": "compare_solutions/over_null.csv",
        "correlations": "compare_solutions/correlations.csv",
        "claims": "compare_solutions/claims.csv",
        "attractor_classes": "compare_solutions/attractor_classes.csv",
        "two_by_two": "compare_solutions/two_by_two.csv",
        "map": "compare_solutions/map.html",
    },
    settings=(
        *NUMBERS,
        *LEARNING,
        *("retrain.rules", "retrain.levels", "retrain.networks", "analyse", "compare_solutions"),
    ),
    tasks=task_of_settings,
    memory_mb=8000,
    minutes=240,
    tables={"map": "solution_classes"},
)
