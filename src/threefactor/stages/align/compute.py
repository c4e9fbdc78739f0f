"""Hold the expected updates of all rules against the gradient by BPTT, and each other, along the training of one rule."""

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd
import torch
from torch import Tensor

from threefactor import seeding
from threefactor.analysis.gradients.line_search import step_along
from threefactor.analysis.gradients.update_alignment import across_blocks, align, shuffled
from threefactor.config.align import Align
from threefactor.contract import Network, Rule
from threefactor.experiment import build as assemble
from threefactor.experiment import rules as names
from threefactor.experiment.learned import Living, living, tables
from threefactor.experiment.solutions import network_of
from threefactor.learning_rules.monomials import monomials
from threefactor.pipeline.job import Job
from threefactor.pipeline.storage.outputs import Output
from threefactor.training.batch import select
from threefactor.training.environment import Environment
from threefactor.training.expected_update import Draws, expected, steepest

MIXING = {
    "bptt"
}  # Adam moves by past trials of all types: its update in those of one type is not of that type
ALL = "all"  # trial types
WEIGHTED = "weighted"  # all, the gradient of each weighted by |mean reward|^baseline_exponent, as the reward gate does
CONTROL = "shuffled"
GRADIENT = "gradient"
QUIET = {GRADIENT, "bptt", "rflo", "eprop"}  # follow derivatives: their updates hardly vary with the kicks


class Snapshot(NamedTuple):
    """Networks whose weights were not looked at before."""

    network: Network
    columns: dict[str, Tensor]  # network, snapshot, trial, reached; b each
    number: int


def compute(job: Job) -> dict[str, Output]:
    """Compare at the snapshots of the first networks of one batch.

    Outputs, with a row or more per network and snapshot: ``alignment`` (of each compared rule with the gradient, by
    trial type), ``similarity`` (of each pair of rules), ``descent`` (of each step along the update of the job's own rule
    and along the gradient). A network that stopped before a snapshot has one last one, with its final weights.
    """
    rules = _rules(job)
    arrays = job.arrays(job.inputs["solutions"][0])
    count = min(job.config.align.networks, len(arrays["reached"]))
    chosen = [
        s for s, trial in enumerate(job.config.retrain.snapshots) if trial in job.config.align.snapshots
    ]
    trials = arrays["snapshot.trial"][:count, chosen]
    frames: dict[str, list[pd.DataFrame]] = {"alignment": [], "similarity": [], "descent": []}
    with job.progress(len(chosen), "snapshots") as bar:
        for place, s in enumerate(chosen):
            fresh = new_at_snapshot(trials, place)
            if fresh.any():
                found = _at_snapshot(job, rules, _snapshot(job, arrays, fresh, s))
                for name, frame in found.items():
                    frames[name].append(frame)
                job.metrics(_metrics(job, found["alignment"]), s)
            bar.advance()
    return {
        name: pd.concat(parts, ignore_index=True).assign(learning_rule=job.wildcards["learning_rule"])
        for name, parts in frames.items()
    }


def new_at_snapshot(trials: Tensor, s: int) -> Tensor:
    """Tell which networks (rows of b s) were not yet looked at with the same weights; b, bool."""
    return (trials[:, :s] != trials[:, s : s + 1]).all(1)


def _rules(job: Job) -> dict[str, Living]:
    """Return all rules that are compared, the job's own among them, with whose kicks all are."""
    config, own = job.config, job.wildcards["learning_rule"]
    found = tables(job)
    return {
        name: living(config, name, found, job.device)
        for name in dict.fromkeys([*names.compared(config), own])
    }


def _snapshot(job: Job, arrays: dict[str, Tensor], fresh: Tensor, s: int) -> Snapshot:
    """Take the fresh networks of a snapshot out of the file of solutions."""
    index = fresh.nonzero()[:, 0]
    columns = {
        "network": int(job.wildcards["batch"]) * job.config.retrain.networks + index,
        "snapshot": torch.full_like(index, s),
        "trial": arrays["snapshot.trial"][index, s],
        "reached": arrays["reached"][index],
    }
    network = network_of(arrays, arrays["snapshot.weights"][:, s], job.config.network.activation)
    return Snapshot(select(network, index), columns, s)


def _at_snapshot(job: Job, rules: Mapping[str, Living], at: Snapshot) -> dict[str, pd.DataFrame]:
    """Average the updates of all rules at one snapshot, and compare them."""
    config, own = job.config, job.config.align
    environment = assemble.environment(rules[job.wildcards["learning_rule"]].config)
    batch, learner = int(job.wildcards["batch"]), job.wildcards["learning_rule"]
    terms = _terms(own) if own.subspace_along == learner else []
    parts = monomials(assemble.learning_rule(config, "theta_33", None, job.device), terms)
    found = expected(
        {**_alone(rules), GRADIENT: steepest(rules[learner].rule.baseline_decay), **parts},
        at.network,
        environment,
        Draws(own.burn_in, own.blocks, own.draws, min(own.draws, own.quiet_draws)),
        quiet=QUIET,
        generator=assemble.noise(config, "align", batch, at.number),
    )
    gradient = found.update.pop(GRADIENT)
    source = seeding.generator(config.seed, "align", "shuffled", learner, batch, at.number)
    control = {CONTROL: _shuffled(found.update[learner], at.network, source)}
    return {
        "alignment": _alignment(job, found.update | control, gradient, found.reward, at),
        "similarity": _similarity({name: update.mean(1) for name, update in found.update.items()}, at),
        "descent": _descent(job, environment, found.update[learner], gradient, at),
    }


def _alone(rules: Mapping[str, Living]) -> dict[str, Rule]:
    """Return rules without the settings that they live under."""
    return {name: one.rule for name, one in rules.items()}


def _terms(own: Align) -> list[tuple[int, int]]:
    """Return the (k, l) of the best polynomial rule."""
    powers = range(own.subspace_degree + 1)
    every = [(k, l) for k in powers for l in powers]
    return [(k, l) for k, l in every if k % 2 and l % 2] if own.subspace_terms == "odd" else every


def _shuffled(update: Tensor, network: Network, source: torch.Generator) -> Tensor:
    """Permute the units of updates of all blocks and types alike; n y b i j."""
    return shuffled(update.flatten(0, 1), ~network.clamped, generator=source).unflatten(0, update.shape[:2])


def _alignment(
    job: Job, updates: Mapping[str, Tensor], gradient: Tensor, reward: Tensor, at: Snapshot
) -> pd.DataFrame:
    """Return a row per compared rule, trial type and network."""
    trial_types = assemble.task(job.config).trial_types
    weighted = reward.abs()[..., None, None] ** job.config.plasticity.baseline_exponent * gradient
    frames = []
    for name, update in updates.items():
        rows = {ALL: (update.mean(1), gradient.mean(1), reward.mean(0))}
        if name not in MIXING:
            rows[WEIGHTED] = (update.mean(1), weighted.mean(1), reward.mean(0))
            rows |= {kind: (update[:, y], gradient[:, y], reward[y]) for y, kind in enumerate(trial_types)}
        for kind, (u, v, earned) in rows.items():
            norm = _norm(u.mean(0)) / _norm(at.network.weights)
            columns = {**align(u, v)._asdict(), "update_norm": norm, "reward": earned}
            frames.append(_frame(at, columns).assign(compared=name, trial_type=kind))
    return pd.concat(frames, ignore_index=True).rename(
        columns={"standard_error": "cosine_standard_error", "other_signal": "gradient_signal"}
    )


def _similarity(updates: Mapping[str, Tensor], at: Snapshot) -> pd.DataFrame:
    """Return a row per pair of rules and network, the updates being n b i j."""
    known, frames = list(updates), []
    for place, first in enumerate(known[:-1]):
        u = updates[first].flatten(2)
        for second in known[place + 1 :]:
            v = updates[second].flatten(2)
            size = u.mean(0).norm(dim=1) * v.mean(0).norm(dim=1)
            cosine = (u.mean(0) * v.mean(0)).sum(1) / size
            columns = {"cosine": cosine, "overlap": across_blocks(u, v) / size}
            frames.append(_frame(at, columns).assign(first=first, second=second))
    return pd.concat(frames, ignore_index=True)


def _descent(
    job: Job, environment: Environment, update: Tensor, gradient: Tensor, at: Snapshot
) -> pd.DataFrame:
    """Return a row per direction, length and network."""
    config = job.config
    directions = {job.wildcards["learning_rule"]: update, GRADIENT: gradient}
    source = assemble.noise(config, "align descent", int(job.wildcards["batch"]), at.number)
    frames = []
    for name, parts in directions.items():
        steps = step_along(
            at.network,
            parts.mean((0, 1)),
            config.align.descent_steps,
            environment,
            config.align.descent_trials,
            generator=source,
        )
        for s, length in enumerate(config.align.descent_steps):
            columns = {field: value[s] for field, value in steps._asdict().items()}
            frames.append(_frame(at, columns).assign(direction=name, step=length))
    return pd.concat(frames, ignore_index=True)


def _frame(at: Snapshot, columns: Mapping[str, Tensor]) -> pd.DataFrame:
    """Return a table with a row per network."""
    return pd.DataFrame({name: value.cpu().numpy() for name, value in (at.columns | dict(columns)).items()})


def _norm(weights: Tensor) -> Tensor:
    return weights.flatten(1).norm(dim=1)


def _metrics(job: Job, table: pd.DataFrame) -> dict[str, float]:
    """Return the mean cosine of each compared rule."""
    whole = table[table.trial_type == ALL]
    return {f"cosine.{name}": float(part.cosine.mean()) for name, part in whole.groupby("compared")}
