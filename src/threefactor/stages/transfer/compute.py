"""Train fresh networks under one learning rule, as it is, and other settings: a condition.

Initial weights, inputs and noise depend on the network's number and the batch alone: they are the same under every rule,
and, where a condition leaves sizes and scales alone, in every condition.  No other stage sees these networks.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from torch import Tensor

from threefactor.analysis.learning.learning_curve import curve
from threefactor.experiment import build as assemble
from threefactor.experiment.conditions import derive
from threefactor.pipeline.job import Job
from threefactor.pipeline.storage.outputs import Output
from threefactor.stages.retrain import members, network_table, train
from threefactor.training.learning_run import LearningRun


def compute(job: Job) -> dict[str, Output]:
    """Train one batch of networks.

    Outputs: ``networks`` (a row per network) and ``curve`` (how error and accuracy of the batch changed).
    """
    names = {key: job.wildcards[key] for key in ("condition", "learning_rule")}
    job = job._replace(config=derive(job.config, names["condition"]))
    ids = members(job, job.config.transfer.networks)
    network = assemble.network(job.config, ids, job.device, purpose="transfer")
    run = train(job, network, (), purpose="transfer")
    window = job.config.criterion.window
    along = curve(_array(run.error), _array(run.correct), window)
    return {"networks": _table(job, list(ids), run).assign(**names), "curve": along.assign(**names)}


def _table(job: Job, ids: list[int], run: LearningRun) -> pd.DataFrame:
    """Return a row per network, with the trials that were simulated for it."""
    table = network_table(ids, run, job.config.criterion.window)
    simulated = (~run.error.isnan()).sum(1).cpu().numpy()
    return table.assign(trials=simulated, horizon=job.config.criterion.horizon)


def _array(tensor: Tensor) -> NDArray[np.float64]:
    return tensor.double().cpu().numpy()
