"""Settings of meta-learning."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from threefactor.experiment.settings.block import Block, Name, Term, Time
from threefactor.experiment.settings.mask import Mask
from threefactor.experiment.settings.spread import Spread
from threefactor.stages.metalearn.hyperparameters import Hyperparameter

EXACT = ("pathwise", "reverse")
"""Estimators that differentiate the reward itself."""

FEWEST = 2
"""Networks that a gradient can be averaged over."""

Terms = Annotated[tuple[Term, ...], Field(strict=False, min_length=1)]
Count = Annotated[int, Field(ge=1)] | Literal[""]
"""A number of its own; an empty text stands for that of `metalearn`, or for none."""


class LearnedRule(Block):
    """One run of meta-learning."""

    start: Annotated[str, Field(pattern=r"^(random|perturbation|theta_[0-9]{2})$")] = Field(
        description="where θ starts: 'random', one monomial as 'theta_33' (k, l), or the best fit of the 'perturbation'"
    )
    coordinates: Literal["monomials", "orthonormal"] = Field(
        "monomials",
        description="what θ is learned in: scaled 'monomials', or 'orthonormal' mixtures that change weights alike",
    )
    deviation: Literal["raw", "normalised", "standardised", ""] = Field(
        "", description="deviation that its eligibility takes, see plasticity.deviation, '' for plasticity's"
    )
    starts: int = Field(
        1, ge=1, description="random starts, each a rule of its own: <name>, <name>_2, ..., number of starts"
    )
    terms: Mask | Terms = Field(
        "odd",
        description="terms that are learned: a mask of src/threefactor/metalearning/masks.py, as 'odd' (k and l) or "
        "'all', or a list as ['33', '15'] (k, l)",
    )
    rank: Count = Field(
        "", description="rank that θ as a matrix (k, l) is held to, '' for any, number of products"
    )
    estimator: Literal["pathwise", "reverse", "score_total", "score_local", "evolution"] = Field(
        "reverse", description="how the gradient is estimated, see src/threefactor/metalearning/estimators"
    )
    noise: float = Field(
        0.0,
        ge=0,
        description="weight noise as a share of the update's root mean square, positive for a score, no unit",
    )
    step: float = Field(
        0.1,
        gt=0,
        description="standard deviation of the perturbation of scaled θ by 'evolution', no unit",
    )
    hyperparameters: tuple[Hyperparameter, ...] = Field(
        (),
        strict=False,
        description="settings that are meta-learned together with θ, as [plasticity.baseline_exponent]",
    )
    objective: Literal["mean", "smoothed_error_rate"] = Field(
        "mean",
        description="what is maximised: the 'mean' reward, or minus the 'smoothed_error_rate', for hyperparameters",
    )
    memory: Count = Field(
        "",
        description="trials after which 'pathwise' and 'reverse' forget their derivatives, '' for never, in trials",
    )
    sparsity: float = Field(0.0, ge=0, description="weight of |scaled θ|₁, in units of its gradient, no unit")
    eligibility_time_ms: Time = Field(
        "", description="decay time τ_e of the rule's eligibility, in ms, '' for plasticity's"
    )
    momentum: Annotated[float, Field(ge=0, lt=1)] | Literal[""] = Field(
        "", description="momentum β of the rule's weight changes, '' for plasticity's, no unit"
    )
    deviation_bound: Annotated[float, Field(gt=0)] | Literal[""] = Field(
        "", description="bound of the rule's deviation, '' for plasticity's, in units of its rms"
    )
    update_size: Annotated[float, Field(gt=0)] | Literal[""] = Field(
        "",
        description="size of the rule's normalised updates, '' for plasticity's, in units of the initial weights",
    )
    task: Name | Literal[""] = Field("", description="task that it is learned on, '' for task.name")
    conditions: int = Field(
        0,
        ge=0,
        description="conditions of each step, drawn from metalearn.distribution and sharing its networks evenly, 0 for "
        "the experiment's own settings alone, number of conditions",
    )
    networks: Count = Field("", description="as metalearn.networks, '' for that, number of networks")
    trials: Count = Field("", description="as metalearn.trials, '' for that, in trials")
    steps: Count = Field("", description="as metalearn.steps, '' for that, number of steps")
    learning_rate: Annotated[float, Field(gt=0)] | Literal[""] = Field(
        "", description="as metalearn.learning_rate, '' for that, no unit"
    )
    norm: Annotated[float, Field(ge=0)] | Literal[""] = Field(
        "",
        description="as metalearn.norm, of orthonormal coordinates where θ is learned in these, '' for that, no unit",
    )


class Metalearn(Block):
    """Meta-learning of θ by gradients through learning."""

    degree: int = Field(5, ge=1, le=9, description="highest power of rate and of deviation, no unit")
    scaling_networks: int = Field(8, ge=1, description="networks that scale the monomials, number")
    networks: int = Field(16, ge=2, description="networks whose gradients are averaged, number of networks")
    trials: int = Field(250, ge=1, description="trials of the learning run of one step, in trials")
    steps: int = Field(10, ge=1, description="steps of θ, number of steps")
    learning_rate: float = Field(0.1, gt=0, description="Adam's step on scaled coefficients, no unit")
    norm: float = Field(0.65, ge=0, description="norm that scaled θ is held at, 0 for free, no unit")
    curriculum: tuple[Annotated[float, Field(gt=0, le=1)], ...] = Field(
        (1.0,),
        strict=False,
        min_length=1,
        description="trials of the learning runs in each part of the steps, as shares of metalearn.trials, no unit",
    )
    held_out_networks: int = Field(
        8, ge=0, description="held-out networks that θ is scored on, 0 for no score, number of networks"
    )
    held_out_trials: int = Field(250, ge=1, description="trials of their learning runs, in trials")
    held_out_every: int = Field(5, ge=1, description="steps between two scores, number of steps")
    held_out_conditions: int = Field(
        8,
        ge=1,
        description="conditions that share the held-out networks evenly, other draws than those of the steps, of a rule "
        "with conditions, number of conditions",
    )
    patience: int = Field(
        0,
        ge=0,
        description="scores without a better one after which learning stops and the best θ is kept, 0 for never, number",
    )
    distribution: dict[str, Spread] = Field(
        {},
        description="what rules with conditions draw, by key of task, network or perturbation, as {network.gain: "
        "{between: [1.3, 1.8]}, task.name: {among: [dnms, dpa]}}",
    )
    rules: Annotated[dict[Name, LearnedRule], Field(min_length=1)] = Field(
        {
            "learned_theta33": LearnedRule(start="theta_33", estimator="pathwise"),
            "learned_random": LearnedRule(start="random"),
            "learned_standardised": LearnedRule(
                start="random",
                coordinates="orthonormal",
                deviation="standardised",
                objective="smoothed_error_rate",
                networks=8,
                steps=20,
                learning_rate=0.25,
                norm=1.6,
            ),
        },
        description="the rules to learn, by name",
    )

    @field_validator("rules")
    @classmethod
    def every_start(cls, rules: dict[str, LearnedRule]) -> dict[str, LearnedRule]:
        """Give each of several random starts a rule of its own."""
        found: dict[str, LearnedRule] = {}
        for name, rule in rules.items():
            if rule.starts > 1 and rule.start != "random":
                raise ValueError(f"starts of {name!r} = {rule.starts}: must be 1 with start {rule.start!r}")
            single = rule.model_copy(update={"starts": 1})
            found[name] = single
            for number in range(2, rule.starts + 1):
                if f"{name}_{number}" in rules:
                    raise ValueError(
                        f"start {number} of {name!r}: its name '{name}_{number}' must not be taken"
                    )
                found[f"{name}_{number}"] = single
        return found
