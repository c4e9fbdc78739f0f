"""Stage ``compare_learning``: one job over the tables of all retrained networks."""

from collections.abc import Iterable

from threefactor.experiment.spec import Input, Settings, Spec, Values


def all_rules(settings: Settings, values: Values) -> Iterable[str]:
    """Name the learning rules that are compared."""
    return list(settings.retrain.rules)


SPEC = Spec(
    name="compare_learning",
    help="compare how fast, how far and how stably networks learn by each rule",
    inputs={
        "networks": Input("retrain/{learning_rule}/{batch}.csv"),
        "levels": Input("retrain/{learning_rule}/{batch}.levels.csv"),
        "evaluations": Input("retrain/{learning_rule}/{batch}.evaluations.csv"),
        "generalised": Input("generalise/{learning_rule}/{batch}.csv"),
        "tuned": Input("tune/{tuned_rule}/tuned.csv"),
    },
    outputs={
        "criterion": "compare_learning/criterion.csv",
        "survival": "compare_learning/survival.csv",
        "levels": "compare_learning/levels.csv",
        "levels_by_gain": "compare_learning/levels_by_gain.csv",
        "level_survival": "compare_learning/level_survival.csv",
        "along": "compare_learning/along.csv",
        "endings": "compare_learning/endings.csv",
        "generalisation": "compare_learning/generalisation.csv",
        "table": "compare_learning/rules.html",
    },
    settings=(
        *("seed", "criterion.horizon", "retrain.horizon", "retrain.rules", "compare_learning"),
        *("plasticity", "perturbation", "network", "tune.constants", "learning_rules.{rule}"),
    ),
    rules=all_rules,
    tables={"table": "levels"},
)
