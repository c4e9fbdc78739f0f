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
from threefactor.experiment import build as assemble
from threefactor.pipeline.job import Job
from threefactor.experiment.learned import living, tables
from threefactor.experiment.solutions import SYNAPSES
from threefactor.training.learning_run import LearningRun, advance, finished, start_run

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
    run = train(job, network, own.snapshots, purpose="retrain")
    return {
        "solutions": solution_arrays(network, run),
        "networks": network_table(list(ids), run, job.config.criterion.window),
    }


def members(job: Job, count: int) -> range:
    """Return the numbers of the networks of the job's batch, so many a batch."""
    batch = int(job.wildcards["batch"])
    return range(batch * count, (batch + 1) * count)


def train(job: Job, network: Network, snapshots: Sequence[int], *, purpose: str) -> LearningRun:
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
    run = start_run(rule, network, environment, criterion, snapshots)
    if saved := job.resume():
        run = restore(run, saved)
    with job.progress(criterion.horizon, "trials of learning", run.learner.trials) as bar:
        while not finished(run, criterion):
            before = run.learner.trials
            run = advance(run, rule, network, environment, criterion, snapshots, CHUNK, generator=source)
            job.metrics(curve_point(run), run.learner.trials)
            bar.advance(run.learner.trials - before)
            if run.learner.trials % (CHUNK * SAVE_EVERY) == 0:
                job.checkpoint(flatten(run))
    return run


def curve_point(run: LearningRun) -> dict[str, float]:
    """Return what the record shows of a batch after the last chunk of trials."""
    done = run.learner.trials
    recent = run.error[:, max(0, done - CHUNK) : done]
    return {
        "error": recent.nanmean().item(),
        "fraction_at_criterion": run.reached.double().mean().item(),
        "networks_learning": float(len(run.active)),
        "networks_diverged": float(run.diverged.sum()),
    }


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


def network_table(ids: list[int], run: LearningRun, window: int) -> pd.DataFrame:
    """Return a row per network; error and accuracy are means over its last trials, as many as the criterion's window."""
    done = (~run.error.isnan()).sum(1)
    rows = [slice(max(0, int(n) - window), int(n)) for n in done]
    last = {
        "error_last": [run.error[b, row].mean().item() for b, row in enumerate(rows)],
        "accuracy_last": [run.correct[b, row].mean().item() for b, row in enumerate(rows)],
    }
    return pd.DataFrame(
        {
            "network": ids,
            "reached": run.reached.cpu().numpy(),
            "trials_to_criterion": run.trials_to_criterion.cpu().numpy(),
            **last,
            "diverged": run.diverged.cpu().numpy(),
        }
    )
