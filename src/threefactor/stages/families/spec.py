"""Stage ``families``: one job over all learned rules."""

from threefactor.experiment.spec import CRITERION, LEARNING, NUMBERS, Input, Spec, task_of_settings

SPEC = Spec(
    name="families",
    help="tell which learned rules are functionally distinct: scores, distances, subspace of their tangents",
    inputs={
        "theta": Input("metalearn/{learned_rule}/theta.csv"),
        "hyperparameters": Input("metalearn/{learned_rule}/hyperparameters.csv"),
    },
    outputs={
        "rules": "families/rules.csv",
        "distances": "families/distances.csv",
        "visited": "families/visited.csv",
        "rank": "families/rank.csv",
    },
    settings=(
        *NUMBERS,
        *LEARNING,
        *CRITERION,
        "families",
        *("metalearn.degree", "metalearn.scaling_networks", "metalearn.rules"),
    ),
    tasks=task_of_settings,
    rules=lambda settings, values: ["theta_33"],
    minutes=240,
)
