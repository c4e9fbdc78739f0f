"""Hold a learning rule's expected update against the gradient by BPTT, along the snapshots of training."""

import pandas as pd
import torch
from torch import Tensor

from threefactor.contract import Rule
from threefactor.stages import assemble
from threefactor.stages.job import Job
from threefactor.stages.solution import network_of
from threefactor.storage.outputs import Output
from threefactor.training.batch import select
from threefactor.validation.alignment import align, expected_update


def compute(job: Job) -> dict[str, Output]:
    """Compare for the first networks of one batch.

    Output: ``alignment``, a row per network and snapshot; a network that stopped before a snapshot has one last row,
    with its final weights.
    """
    config, batch = job.config, int(job.wildcards["batch"])
    tables = [job.table(path) for path in job.inputs.get("theta", [])]
    rule = assemble.learning_rule(
        config, job.wildcards["learning_rule"], tables[0] if tables else None, job.device
    )
    arrays = job.arrays(job.inputs["solutions"][0])
    count = min(config.align.networks, len(arrays["reached"]))
    snapshots = arrays["snapshot.trial"][:count]
    frames = []
    with job.progress(snapshots.shape[1], "snapshots") as bar:
        for s in range(snapshots.shape[1]):
            fresh = new_at_snapshot(snapshots, s)
            if fresh.any():
                frames.append(_at_snapshot(job, rule, arrays, fresh, s, batch))
                job.metrics({"cosine": frames[-1]["cosine"].mean()}, s)
            bar.advance()
    return {"alignment": pd.concat(frames, ignore_index=True)}


def new_at_snapshot(trials: Tensor, s: int) -> Tensor:
    """Tell which networks (rows of b s) were not yet looked at with the same weights; b, bool."""
    return (trials[:, :s] != trials[:, s : s + 1]).all(1)


def _at_snapshot(
    job: Job, rule: Rule, arrays: dict[str, Tensor], fresh: Tensor, s: int, batch: int
) -> pd.DataFrame:
    """Return a row for each fresh network at snapshot s."""
    config = job.config
    index = fresh.nonzero()[:, 0]
    network = select(network_of(arrays, arrays["snapshot.weights"][:, s]), index)
    expected = expected_update(
        rule,
        network,
        assemble.environment(config),
        blocks=config.align.blocks,
        draws=config.align.draws,
        settle=config.align.settle,
        generator=assemble.noise(config, "align", batch, s),
    )
    found = align(expected)
    trial = select(arrays["snapshot.trial"], index)[:, s]
    columns = {
        "network": batch * config.retrain.networks + index,
        "snapshot": torch.full_like(index, s),
        "trial": trial,
        "cosine": found.cosine,
        "cosine_standard_error": found.standard_error,
        "signal": found.signal,
        "norm_ratio": found.norm_ratio,
        "sign_agreement": found.sign_agreement,
        "reward": expected.reward,
        "reached": arrays["reached"][index],
    }
    table = pd.DataFrame({name: value.cpu().numpy() for name, value in columns.items()})
    return table.assign(learning_rule=job.wildcards["learning_rule"])[["learning_rule", *columns]]
