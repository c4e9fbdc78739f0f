"""Let fresh networks learn by one rule, to every level of noise-free error and on to the rule's horizon.

Initial weights, inputs and noise depend on the network's number and the batch alone, so they are the same under every
rule.
"""

import torch
from torch import Tensor

from threefactor.contract import Network
from threefactor.experiment import build
from threefactor.experiment.constants import with_constants
from threefactor.experiment.follow_batch import (
    evaluation_table,
    follow_batch,
    level_table,
    network_table,
    plan,
)
from threefactor.experiment.learned import rule_under, tables
from threefactor.experiment.retrained_batches import under_gain
from threefactor.experiment.solutions import OPTIONAL
from threefactor.experiment.train_batch import ids_of_batch
from threefactor.experiment.work import Results, Work
from threefactor.training.followed_run import FollowedRun, Plan
from threefactor.training.kept_weights import Kept


def compute(work: Work) -> Results:
    """Train one batch of networks.

    Outputs: ``solutions`` (arrays: weights before, after, at levels and along training; error of each trial),
    ``networks`` (a row per network), ``levels`` (a row per network and level), ``evaluations`` (a row per network and
    evaluation).
    """
    name, batch = work.wildcards["learning_rule"], int(work.wildcards["batch"])
    settings = under_gain(work.settings, batch)
    ids = ids_of_batch(work, settings.retrain.networks)
    network = build.network(settings, ids, work.device, purpose="retrain")
    wanted, tuned = plan(settings, name), work.by("tuned", "tuned_rule").get(name)
    rule = rule_under(with_constants(settings, name, tuned), name, tables(work), work.device)
    run = follow_batch(work, rule, network, wanted, purpose="retrain", batch=batch)
    outputs = {
        "solutions": solution_arrays(network, run, wanted),
        "networks": network_table(ids, run, wanted).assign(gain=settings.network.gain),
        "levels": level_table(ids, run, wanted),
        "evaluations": evaluation_table(ids, run, wanted),
    }
    return Results(outputs)


def solution_arrays(network: Network, run: FollowedRun, wanted: Plan) -> dict[str, Tensor]:
    """Return everything that is kept of a batch, by name."""
    optional = {name: part for name in OPTIONAL if (part := getattr(network, name)) is not None}
    final = run.learner.network
    return {
        **optional,
        "initial.weights": network.weights,
        "initial.output_weights": network.output_weights,
        "final.weights": final.weights,
        "final.output_weights": final.output_weights,
        "input_weights": network.input_weights,
        "clamped": network.clamped,
        "clamped_state": network.clamped_state,
        "leak": torch.tensor([network.leak], dtype=torch.float64),
        "error": run.error,
        "correct": run.correct,
        "criterion_trial": run.criterion_trial,
        "diverged": run.diverged,
        "level": torch.tensor(wanted.levels, dtype=torch.float64),
        **_kept("level", run.levels),
        **_kept("snapshot", run.snapshots),
    }


def _kept(name: str, kept: Kept) -> dict[str, Tensor]:
    """Name the arrays of weights that were kept."""
    return {f"{name}.{field}": array for field, array in kept._asdict().items()}
