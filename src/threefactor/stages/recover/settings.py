"""Settings of parameter recovery."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from threefactor.experiment.rule_classes import recoverable
from threefactor.experiment.settings.block import Block, Once
from threefactor.metalearning import masks

RANDOM = "random"
"""The ground-truth rule of all terms."""

SIZED_BY = (3, 3)
"""The term (k, l) whose changes of weights set the size of the random rule."""

GroundTruth = Annotated[str, Field(pattern=rf"^(theta_[0-9][0-9]|{RANDOM})$")]
Size = Annotated[float, Field(ge=0)]

RECOVERABLE: dict[str, Any] = {
    "plasticity.deviation": "raw",
    "plasticity.momentum": 0.0,
    "plasticity.update_size": "",
    "plasticity.weight_linear": 0.0,
    "plasticity.weight_quadratic": 0.0,
    "network.density": 1.0,
    "network.inhibitory": "",
}
"""Settings under which a rule can be recovered: a function of the raw deviation alone, on synapses that all exist and may
change sign."""

OVERRIDES = {"precision": "float64", **RECOVERABLE}
"""Settings of recovery, whatever the experiment has."""


class Recover(Block):
    """Ground-truth rules, recovered from rates, rewards and weight changes of networks that learn by them."""

    rules: tuple[GroundTruth, ...] = Field(
        ("theta_33", RANDOM),
        strict=False,
        description="ground-truth rules: theta_<k><l>, or 'random' for one of all fitted terms",
    )
    learned_rules: int = Field(
        1,
        ge=0,
        description="learned rules that are recovered too, the first of metalearn.rules with the raw deviation, number",
    )
    degree: int = Field(5, ge=1, le=9, description="highest fitted power of rate and of deviation, no unit")
    terms: Literal["all", "odd"] = Field("all", description="terms that are fitted: 'all', or k and l 'odd'")
    networks: int = Field(2, ge=1, description="networks that learn by each rule, number of networks")
    trials: int = Field(30, ge=5, description="trials of learning of each, after the warm-up, in trials")
    units: int = Field(
        6,
        ge=1,
        description="units whose synapses are recorded, the first that are not clamped, number of units",
    )
    noise: Annotated[tuple[Size, ...], Once] = Field(
        (0.1, 0.3, 1.0),
        strict=False,
        description="noise of the weight changes, as shares of their root mean square, no unit",
    )
    rate_noise: Annotated[tuple[Size, ...], Once] = Field(
        (0.01,),
        strict=False,
        description="noise of rates and states, measured once and twice, standard deviation, no unit",
    )
    repeats: int = Field(
        100, ge=2, description="draws of each noise over which coverage is measured, number of draws"
    )


def conflicts(settings: Any) -> Iterator[str]:
    """Yield a line for each list with a double, and for each ground-truth rule with a term that is not fitted."""
    recover, metalearn = settings.recover, settings.metalearn
    for key, values in (
        ("rules", recover.rules),
        ("noise", recover.noise),
        ("rate_noise", recover.rate_noise),
    ):
        if len(set(values)) < len(values):
            yield f"recover.{key} = {list(values)}: each must stand once"
    terms = {name: [SIZED_BY if name == RANDOM else (int(name[-2]), int(name[-1]))] for name in recover.rules}
    for name in recoverable(settings):
        terms[name] = masks.chosen(metalearn.rules[name].terms, metalearn.degree)
    fitted = masks.chosen(recover.terms, recover.degree)
    for name, of_rule in terms.items():
        if unseen := [f"{k}{l}" for k, l in of_rule if (k, l) not in fitted]:
            yield (
                f"recover.degree = {recover.degree}, recover.terms = {recover.terms!r}: must have term {unseen[0]}, "
                f"which rule {name!r} needs (recover.rules, recover.learned_rules)"
            )
