"""Settings of the comparison of estimators."""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field

from threefactor.experiment.settings.block import Block, Name, Once, Term

Positive = Annotated[float, Field(gt=0)]


class Estimate(Block):
    """The estimators of the meta-gradient at θ₃₃, compared with a long Monte Carlo of common-noise differences."""

    plasticity_strength: Annotated[dict[Name, Positive], Field(min_length=1)] = Field(
        {"weak": 0.1, "strong": 1.0},
        description="strengths of plasticity by name: learning rate and clip times this, no unit",
    )
    terms: tuple[Term, ...] = Field(
        ("11", "13", "31", "33"),
        strict=False,
        min_length=1,
        description="terms (k, l) along which the gradient is estimated; '33' is one",
    )
    networks: int = Field(8, ge=4, description="networks that estimate the gradient, number of networks")
    batch: int = Field(4, ge=1, description="networks that learn side by side, number of networks")
    horizons: tuple[Annotated[int, Field(ge=2)], ...] = Field(
        (25, 50, 100),
        strict=False,
        min_length=1,
        description="trials after the warm-up whose mean reward is differentiated, rising, in trials",
    )
    noise: Annotated[tuple[Positive, ...], Once] = Field(
        (0.5, 10.0),
        strict=False,
        min_length=1,
        description="weight noise, as shares of the update's root mean square, no unit",
    )
    difference_step: float = Field(0.03, gt=0, description="step of the differences in scaled θ, no unit")
    evolution_step: float = Field(
        0.1, gt=0, description="standard deviation of evolution's perturbation of scaled θ, no unit"
    )
    resamples: int = Field(
        30, ge=2, description="draws of networks for the error of the average of clipped gradients, number"
    )


def conflicts(settings: Any) -> Iterator[str]:
    """Yield a line for each list with entries that must not be in it."""
    estimate = settings.estimate
    terms, horizons = estimate.terms, estimate.horizons
    if "33" not in terms or len(set(terms)) < len(terms):
        yield f"estimate.terms = {list(terms)}: must be terms that stand once, '33' among them"
    if list(horizons) != sorted(set(horizons)):
        yield f"estimate.horizons = {list(horizons)}: must rise"
