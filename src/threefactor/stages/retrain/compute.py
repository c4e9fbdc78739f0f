"""Train fresh networks to the criterion under one learning rule.

Initial weights, inputs and noise depend on the network's number and the batch alone, so they are the same under every
rule.
"""

import torch
from torch import Tensor

from threefactor.contract import Network
from threefactor.experiment import build
from threefactor.experiment.solutions import SYNAPSES
from threefactor.experiment.train_batch import ids_of_batch, network_table, train
from threefactor.experiment.work import Results, Work
from threefactor.training.learning_run import LearningRun


def compute(work: Work) -> Results:
    """Train one batch of networks.

    Outputs: ``solutions`` (arrays: weights before, after and along training, learning curves) and ``networks`` (a row
    per network).
    """
    settings = work.settings
    ids = ids_of_batch(work, settings.retrain.networks)
    network = build.network(settings, ids, work.device, purpose="retrain")
    run = train(work, network, settings.retrain.snapshots, purpose="retrain")
    table = network_table(ids, run, settings.criterion.window)
    return Results({"solutions": solution_arrays(network, run), "networks": table})


def solution_arrays(network: Network, run: LearningRun) -> dict[str, Tensor]:
    """Return everything that is kept of a batch, by name."""
    synapses = {name: part for name in SYNAPSES if (part := getattr(network, name)) is not None}
    return {
        **synapses,
        "initial.weights": network.weights,
        "final.weights": run.weights,
        "input_weights": network.input_weights,
        "output_weights": network.output_weights,
        "clamped": network.clamped,
        "clamped_state": network.clamped_state,
        "leak": torch.tensor([network.leak], dtype=torch.float64),
        "error": run.error,
        "correct": run.correct,
        "trials_to_criterion": run.trials_to_criterion,
        "reached": run.reached,
        "diverged": run.diverged,
        "snapshot.weights": run.snapshot_weights,
        "snapshot.trial": run.snapshot_trial,
    }
