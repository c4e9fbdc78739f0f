"""Settings of retraining."""

from typing import Annotated

from pydantic import Field

from threefactor.config.block import Block, Name


class Retrain(Block):
    """Fresh networks, trained to the criterion under each rule."""

    networks: int = Field(48, ge=1, description="networks of one job, number of networks")
    batches: int = Field(2, ge=1, description="jobs for each rule, number of batches")
    rules: Annotated[tuple[Name, ...], Field(min_length=1, strict=False)] = Field(
        (
            "theta_33",
            "theta_11",
            "learned_theta33",
            "learned_random",
            "start_learned_random",
            "node_perturbation",
            "bptt",
        ),
        description="learning rules: theta_<k><l>, a key of metalearn.rules, start_<key>, or a file's name",
    )
    node_perturbation_learning_rate: float = Field(
        1.8e-3, gt=0, description="learning rate of node_perturbation, per ms of eligibility"
    )
    bptt_learning_rate: float = Field(1e-3, gt=0, description="Adam's step of bptt, no unit")
    snapshots: tuple[Annotated[int, Field(ge=0)], ...] = Field(
        (0, 100, 200, 400, 800, 1600), strict=False, description="trials at which weights are kept, in trials"
    )
