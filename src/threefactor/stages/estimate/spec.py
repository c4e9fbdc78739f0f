"""Stage ``estimate``: one job a strength of plasticity."""

from collections.abc import Iterable

from threefactor.experiment.spec import LEARNING, NUMBERS, Settings, Spec, Values, task_of_settings


def jobs(settings: Settings) -> Iterable[Values]:
    """List the strengths of plasticity."""
    return [{"plasticity_strength": name} for name in settings.estimate.plasticity_strength]


SPEC = Spec(
    name="estimate",
    help="measure bias, variance and cost of the estimators of the meta-gradient",
    wildcards={"plasticity_strength": "a key of estimate.plasticity_strength, for example strong"},
    jobs=jobs,
    outputs={
        "estimators": "estimate/{plasticity_strength}.csv",
        "errors": "estimate/{plasticity_strength}.errors.csv",
        "samples": "estimate/{plasticity_strength}.safetensors",
    },
    settings=(
        *NUMBERS,
        *LEARNING,
        *("estimate.terms", "estimate.networks", "estimate.batch", "estimate.horizons", "estimate.noise"),
        *("estimate.difference_step", "estimate.evolution_step", "estimate.resamples"),
        "estimate.plasticity_strength.{plasticity_strength}",
        *("metalearn.norm", "metalearn.scaling_networks"),
    ),
    tasks=task_of_settings,
    rules=lambda settings, values: ["theta_33"],
    minutes=1440,
)
