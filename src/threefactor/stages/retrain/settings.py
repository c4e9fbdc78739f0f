"""Settings of retraining."""

from typing import Annotated, Literal

from pydantic import Field

from threefactor.experiment.settings.block import Block, Name


class Retrain(Block):
    """Fresh networks, trained to the criterion under each rule."""

    networks: int = Field(48, ge=1, description="networks of one job, number of networks")
    batches: int = Field(2, ge=1, description="jobs for each rule, number of batches")
    rules: Annotated[tuple[Name, ...], Field(min_length=1, strict=False)] = Field(
        (
            "theta_33",
            "learned_theta33",
            "learned_random",
            "learned_standardised",
            "start_learned_random",
            "node_perturbation",
            "rflo",
            "eprop",
            "bptt",
        ),
        description="learning rules: theta_<k><l>, a key of metalearn.rules, start_<key>, or a file's name",
    )
    node_perturbation_learning_rate: float = Field(
        1.8e-3, gt=0, description="learning rate of node_perturbation, per ms of eligibility"
    )
    rflo_learning_rate: float = Field(
        0.03, gt=0, description="step of rflo, 0.03 suits random and 0.3 symmetric feedback, no unit"
    )
    rflo_feedback: Literal["random", "symmetric"] = Field(
        "random", description="weights of rflo from the error to the units: fixed 'random', or 'symmetric'"
    )
    eprop_learning_rate: float = Field(
        0.3, gt=0, description="step of eprop, 0.03 suits random and 0.3 symmetric feedback, no unit"
    )
    eprop_feedback: Literal["random", "symmetric"] = Field(
        "symmetric",
        description="weights of eprop from the error to the units: fixed 'random', or 'symmetric'",
    )
    bptt_learning_rate: float = Field(1e-3, gt=0, description="Adam's step of bptt, no unit")
    snapshots: tuple[Annotated[int, Field(ge=0)], ...] = Field(
        (0, 100, 200, 400, 800, 1600), strict=False, description="trials at which weights are kept, in trials"
    )
