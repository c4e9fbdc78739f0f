"""All settings of one experiment."""

from typing import Literal

from pydantic import Field

from threefactor.config.ablate import Ablate
from threefactor.config.align import Align
from threefactor.config.analyse import Analyse
from threefactor.experiment.settings.block import Block
from threefactor.experiment.settings.criterion import Criterion
from threefactor.config.estimate import Estimate
from threefactor.config.families import Families
from threefactor.experiment.settings.figures import Figures
from threefactor.config.metalearn import Metalearn
from threefactor.experiment.settings.network import Network
from threefactor.experiment.settings.perturbation import Perturbation
from threefactor.experiment.settings.plasticity import Plasticity
from threefactor.config.prune import Prune
from threefactor.config.recover import Recover
from threefactor.config.retrain import Retrain
from threefactor.experiment.settings.task import Task
from threefactor.experiment.settings.tracking import Tracking
from threefactor.config.transfer import Transfer
from threefactor.config.validate import Validate


class Config(Block):
    """All settings of one experiment, one field a block; what a file leaves out has its default."""

    results: str = Field(
        "results", pattern=r"^[\w./+-]+$", description="folder of all result files, without spaces"
    )
    seed: int = Field(1, ge=0, description="seed of every random draw, together with the draw's purpose")
    device: Literal["auto", "cpu", "cuda"] = Field(
        "auto", description="where tensors live; 'auto' takes a GPU if there is one"
    )
    precision: Literal["float32", "float64"] = Field("float32", description="floating point type")
    tf32: bool = Field(
        False,
        description="whether a GPU's products over time may round to 10 bits, several times sooner; scans never do",
    )
    task: Task = Field(Task(), description="the task")
    network: Network = Field(Network(), description="the network before it learns")
    perturbation: Perturbation = Field(Perturbation(), description="the kicks of exploration")
    plasticity: Plasticity = Field(Plasticity(), description="how eligibility and reward change weights")
    criterion: Criterion = Field(Criterion(), description="when a network has learned")
    metalearn: Metalearn = Field(Metalearn(), description="the outer learning of θ")
    families: Families = Field(Families(), description="which learned rules are really different")
    prune: Prune = Field(Prune(), description="learned rules from dense to sparse")
    recover: Recover = Field(Recover(), description="known rules, hidden in networks and found again")
    validation: Validate = Field(Validate(), alias="validate", description="the check of the tangents")
    ablate: Ablate = Field(Ablate(), description="what the meta-gradient loses by what is left out of it")
    estimate: Estimate = Field(
        Estimate(), description="bias, variance and cost of the meta-gradient's estimators"
    )
    retrain: Retrain = Field(Retrain(), description="training under each rule")
    transfer: Transfer = Field(Transfer(), description="rules under other settings")
    align: Align = Field(Align(), description="comparison of updates with the gradient")
    analyse: Analyse = Field(Analyse(), description="analysis of the trained networks")
    figures: Figures = Field(Figures(), description="how results are drawn")
    tracking: Tracking = Field(Tracking(), description="the record of runs")
