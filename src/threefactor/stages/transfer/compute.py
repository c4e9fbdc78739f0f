"""Train fresh networks under one learning rule, unchanged, and other settings: a condition.

Initial weights, inputs and noise depend on the network's number and the batch alone.  They are the same under every
rule, and in every condition that changes no sizes and scales.  No other stage uses these networks.
"""

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from threefactor.analysis.learning.learning_curve import curve
from threefactor.experiment import build, rules
from threefactor.experiment.constants import constants_in
from threefactor.experiment.learned import RuleUnder, rule_under, tables
from threefactor.experiment.train_batch import ids_of_batch, network_table, train
from threefactor.experiment.work import Results, Work


def compute(work: Work) -> Results:
    """Train one batch of networks.

    Outputs: ``networks`` (a row per network, with the trials that were simulated for it) and ``curve`` (error and
    accuracy of the batch during training).
    """
    settings = work.settings
    names = {key: work.wildcards[key] for key in ("condition", "learning_rule")}
    ids = ids_of_batch(work, settings.transfer.networks)
    network = build.network(settings, ids, work.device, purpose="transfer")
    run = train(work, _rule(work), network, purpose="transfer")
    window, horizon = settings.criterion.window, settings.criterion.horizon
    simulated = (~run.error.isnan()).sum(1).cpu().numpy()
    table = network_table(ids, run, window).assign(trials=simulated, horizon=horizon)
    along = curve(_array(run.error), _array(run.correct), window)
    return Results({"networks": table.assign(**names), "curve": along.assign(**names)})


def _rule(work: Work) -> RuleUnder:
    """Return the job's learning rule, with the constants that were tuned for the condition if it is named so."""
    name = rules.untuned(work.wildcards["learning_rule"])
    tuned = constants_in(work.by("tuned", "tuned_rule").get(name))
    return rule_under(work.settings, name, tables(work), work.device, tuned)


def _array(tensor: Tensor) -> NDArray[np.float64]:
    return tensor.double().cpu().numpy()
