"""Settings of meta-learning."""

from typing import Annotated, Literal

from pydantic import Field

from threefactor.config.block import Block, Name

Term = Annotated[str, Field(pattern=r"^[0-9]{2}$")]
Terms = Annotated[tuple[Term, ...], Field(strict=False, min_length=1)]


class LearnedRule(Block):
    """One run of meta-learning."""

    start: Annotated[str, Field(pattern=r"^(random|theta_[0-9]{2})$")] = Field(
        description="where θ starts: 'random', or one monomial as 'theta_33' (k, l)"
    )
    terms: Literal["odd", "all"] | Terms = Field(
        "odd", description="terms that are learned: k and l 'odd', 'all', or a list as ['33', '15'] (k, l)"
    )
    estimator: Literal["pathwise", "reverse", "score_total", "score_local", "evolution"] = Field(
        "pathwise", description="how the gradient is estimated, see src/threefactor/metalearning/estimators"
    )
    noise: float = Field(
        0.0,
        ge=0,
        description="weight noise, as a share of the update's root mean square, no unit; positive for a score",
    )
    step: float = Field(
        0.1,
        gt=0,
        description="standard deviation of the perturbation of scaled θ by 'evolution', no unit",
    )


class Metalearn(Block):
    """The outer learning of θ by tangents."""

    degree: int = Field(5, ge=1, le=9, description="highest power of rate and of deviation, no unit")
    scaling_networks: int = Field(8, ge=1, description="networks that scale the monomials, number")
    networks: int = Field(16, ge=2, description="networks whose gradients are averaged, number of networks")
    lifetime: int = Field(250, ge=1, description="trials of learning in one step, in trials")
    steps: int = Field(10, ge=1, description="steps of θ, number of steps")
    learning_rate: float = Field(0.1, gt=0, description="Adam's step on scaled coefficients, no unit")
    norm: float = Field(0.65, ge=0, description="norm that scaled θ is held at, 0 for free, no unit")
    rules: Annotated[dict[Name, LearnedRule], Field(min_length=1)] = Field(
        {"learned_theta33": LearnedRule(start="theta_33"), "learned_random": LearnedRule(start="random")},
        description="the rules to learn, by name",
    )
