"""Settings of transfer: rules under other settings than those that they were made for."""

from typing import Annotated, Any, Literal

from pydantic import Field

from threefactor.experiment.settings.block import Block, Name

Trials = Annotated[float, Field(gt=0)]


class Published(Block):
    """What a paper reports of theta_33 under a condition."""

    median: Trials = Field(description="median number of trials to the criterion, in trials")
    quartiles: tuple[Trials, Trials] = Field(
        strict=False, description="first and third quartile of the trials to the criterion, in trials"
    )
    runs: int = Field(ge=1, description="networks behind it, number of networks")


class Transfer(Block):
    """Rules, as they are, on fresh networks under other settings."""

    conditions: Annotated[dict[Name, dict[str, Any]], Field(min_length=1)] = Field(
        {"regime_a": {
            "perturbation.size": 1.0,
            "perturbation.rate_per_ms": 0.0005,
            "plasticity.learning_rate": 0.00245,
            "plasticity.clip": 0.00235,
            "plasticity.baseline_decay": 0.72,
            "plasticity.baseline_exponent": 2.04,
            "plasticity.trace_decay": 0.039,
            "retrain.node_perturbation_learning_rate": 0.0009,
        }},
        description="conditions by name, each with the settings that differ in it, by dotted key",
    )  # fmt: skip
    rules: Annotated[tuple[Name, ...], Field(strict=False)] = Field(
        (),
        description="learning rules as in retrain.rules, [] for theta_33, all of metalearn.rules and node_perturbation",
    )
    networks: int = Field(
        8, ge=1, description="networks of one job, the same under every rule, number of networks"
    )
    batches: int = Field(1, ge=1, description="jobs for each rule and condition, number of batches")
    tuned: Name | Literal[""] = Field(
        "", description="condition whose rules are also compared with theta_33 under `untuned`, '' for none"
    )
    untuned: Name | Literal[""] = Field(
        "", description="condition in which theta_33 has the constants that nobody tuned, '' for none"
    )
    published: dict[Name, Published] = Field(
        {}, description="what a paper reports of theta_33 under a condition, by the condition's name"
    )
    bootstraps: int = Field(2000, ge=1, description="bootstrap draws of an interval, number")
