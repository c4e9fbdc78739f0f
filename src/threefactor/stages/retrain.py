"""Train fresh networks to the criterion under one learning rule.

Initial weights, inputs and noise depend on the network's number and the batch alone, so they are the same under every
rule.
"""

from collections.abc import Sequence

import pandas as pd
import torch
from torch import Tensor

from threefactor.contract import Network
from threefactor.pipeline.storage.outputs import Output
from threefactor.pipeline.storage.trees import flatten, restore
from threefactor.stages import assemble
from threefactor.stages.job import Job
from threefactor.stages.learned import living, tables
from threefactor.stages.solution import SYNAPSES
from threefactor.training.lifetime import Lifetime, advance, finished, start_lifetime

CHUNK = 50  # trials between two looks at the clock, and two points of a learning curve in the record
SAVE_EVERY = 4  # chunks between two checkpoints


def compute(job: Job) -> dict[str, Output]:
    """Train one batch of networks.

    Outputs: ``solutions`` (arrays: weights before, after and along training, learning curves) and ``networks`` (a row
    per network).
    """
    own = job.config.retrain
    ids = members(job, own.networks)
    network = assemble.network(job.config, ids, job.device, purpose="retrain")
    lifetime = train(job, network, own.snapshots, purpose="retrain")
    return {
        "solutions": solution_arrays(network, lifetime),
        "networks": network_table(list(ids), lifetime, job.config.criterion.window),
    }


def members(job: Job, count: int) -> range:
    """Return the numbers of the networks of the job's batch, so many a batch."""
    batch = int(job.wildcards["batch"])
    return range(batch * count, (batch + 1) * count)


def train(job: Job, network: Network, snapshots: Sequence[int], *, purpose: str) -> Lifetime:
    """Run the batch under the job's rule until every network has stopped, going on from a checkpoint if there is one.

    Parameters
    ----------
    job
        With wildcards ``learning_rule`` and ``batch``, and the table of a learned rule among its inputs.
    network
        b networks with their initial weights.
    snapshots
        Trials at which weights are kept.
    purpose
        What the noise is for; with the batch it decides every trial.
    """
    config, name = job.config, job.wildcards["learning_rule"]
    rule, own = living(config, name, tables(job), job.device)
    environment, criterion = assemble.environment(own), assemble.criterion(config)
    snapshots = [trial for trial in snapshots if trial < criterion.horizon]
    source = assemble.noise(config, purpose, int(job.wildcards["batch"]))
    lifetime = start_lifetime(rule, network, environment, criterion, snapshots)
    if saved := job.resume():
        lifetime = restore(lifetime, saved)
    with job.progress(criterion.horizon, "trials of learning", lifetime.learner.trials) as bar:
        while not finished(lifetime, criterion):
            before = lifetime.learner.trials
            lifetime = advance(
                lifetime, rule, network, environment, criterion, snapshots, CHUNK, generator=source
            )
            job.metrics(curve_point(lifetime), lifetime.learner.trials)
            bar.advance(lifetime.learner.trials - before)
            if lifetime.learner.trials % (CHUNK * SAVE_EVERY) == 0:
                job.checkpoint(flatten(lifetime))
    return lifetime


def curve_point(lifetime: Lifetime) -> dict[str, float]:
    """Return what the record shows of a batch after the last chunk of trials."""
    done = lifetime.learner.trials
    recent = lifetime.error[:, max(0, done - CHUNK) : done]
    return {
        "error": recent.nanmean().item(),
        "fraction_at_criterion": lifetime.reached.double().mean().item(),
        "networks_learning": float(len(lifetime.active)),
        "networks_diverged": float(lifetime.diverged.sum()),
    }


def solution_arrays(network: Network, lifetime: Lifetime) -> dict[str, Tensor]:
    """Return everything that is kept of a batch, by name."""
    synapses = {name: part for name in SYNAPSES if (part := getattr(network, name)) is not None}
    return {
        **synapses,
        "initial.weights": network.weights,
        "final.weights": lifetime.weights,
        "input_weights": network.input_weights,
        "output_weights": network.output_weights,
        "clamped": network.clamped,
        "clamped_state": network.clamped_state,
        "leak": torch.tensor([network.leak], dtype=torch.float64),
        "error": lifetime.error,
        "correct": lifetime.correct,
        "trials_to_criterion": lifetime.trials_to_criterion,
        "reached": lifetime.reached,
        "diverged": lifetime.diverged,
        "snapshot.weights": lifetime.snapshot_weights,
        "snapshot.trial": lifetime.snapshot_trial,
    }


def network_table(ids: list[int], lifetime: Lifetime, window: int) -> pd.DataFrame:
    """Return a row per network; error and accuracy are means over its last trials, as many as the criterion's window."""
    done = (~lifetime.error.isnan()).sum(1)
    rows = [slice(max(0, int(n) - window), int(n)) for n in done]
    last = {
        "error_last": [lifetime.error[b, row].mean().item() for b, row in enumerate(rows)],
        "accuracy_last": [lifetime.correct[b, row].mean().item() for b, row in enumerate(rows)],
    }
    return pd.DataFrame(
        {
            "network": ids,
            "reached": lifetime.reached.cpu().numpy(),
            "trials_to_criterion": lifetime.trials_to_criterion.cpu().numpy(),
            **last,
            "diverged": lifetime.diverged.cpu().numpy(),
        }
    )
