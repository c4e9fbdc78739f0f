"""Compare the expected updates of all rules with the gradient by BPTT, and with each other, along training."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import torch
from torch import Tensor

from threefactor import seeding
from threefactor.analysis.gradients.update_alignment import shuffled
from threefactor.analysis.table import stacked
from threefactor.contract import Network
from threefactor.experiment import build, build_rule
from threefactor.experiment.constants import with_constants
from threefactor.experiment.learned import RuleUnder, rule_under, tables
from threefactor.experiment.retrained_batches import under_gain
from threefactor.experiment.rules import about
from threefactor.experiment.solutions import network_of
from threefactor.experiment.work import Results, Work
from threefactor.learning_rules.monomials import monomials
from threefactor.stages.align.settings import compared
from threefactor.stages.align.snapshot_tables import ALL, GRADIENT, Snapshot, alignment, descent, similarity
from threefactor.stages.align.tables import TABLES
from threefactor.training.batch import select
from threefactor.training.expected_update import Draws, expected, steepest

CONTROL = "shuffled"

BY_DERIVATIVE = ("error", "gradient")
"""Information of rules that follow derivatives: their updates hardly vary with the perturbation."""

Arrays = Mapping[str, Tensor]


def compute(work: Work) -> Results:
    """Compare at the snapshots of the first networks of one batch.

    Outputs, with a row or more per network and snapshot: ``alignment`` (of each compared rule with the gradient, by
    trial type), ``similarity`` (of each pair of rules), ``descent`` (of each step along the update of the job's own rule
    and along the gradient).
    """
    settings, learner = work.settings, work.wildcards["learning_rule"]
    rules, arrays = _rules(work), work.arrays("solutions")
    kept = [(s, trial) for s, trial in enumerate(arrays["snapshot.trial"].amax(0).tolist()) if trial >= 0]
    chosen = [s for s, trial in kept if trial in settings.align.snapshots]
    frames: dict[str, list[pd.DataFrame]] = {"alignment": [], "similarity": [], "descent": []}
    for s in work.each(chosen, "snapshots"):
        for name, frame in _at_snapshot(work, rules, _snapshot(work, arrays, s)).items():
            frames[name].append(frame)
    made = {
        name: stacked(parts, TABLES[name]).assign(learning_rule=learner) for name, parts in frames.items()
    }
    return Results(made, _metrics(made["alignment"]))


def _rules(work: Work) -> dict[str, RuleUnder]:
    """Return all rules that are compared, the job's own among them, whose perturbations all rules see."""
    settings = under_gain(work.settings, int(work.wildcards["batch"]))
    found, tuned = tables(work), work.by("tuned", "tuned_rule")
    names = dict.fromkeys([*compared(settings), work.wildcards["learning_rule"]])
    own = {name: with_constants(settings, name, tuned.get(name)) for name in names}
    return {name: rule_under(own[name], name, found, work.device) for name in names}


def _snapshot(work: Work, arrays: Arrays, s: int) -> Snapshot:
    """Take the first networks of a snapshot out of the file of solutions."""
    trials = arrays["snapshot.trial"][:, s]
    index = torch.arange(min(work.settings.align.networks, len(trials)), device=trials.device)
    columns = {
        "network": int(work.wildcards["batch"]) * work.settings.retrain.networks + index,
        "snapshot": torch.full_like(index, s),
        "trial": trials[index],
    }
    network = network_of(arrays, "snapshot", work.settings.network.activation, s)
    return Snapshot(select(network, index), columns, s)


def _at_snapshot(work: Work, rules: Mapping[str, RuleUnder], at: Snapshot) -> dict[str, pd.DataFrame]:
    """Average the updates of all rules at one snapshot, and compare them."""
    settings, chosen = work.settings, work.settings.align
    batch, learner = int(work.wildcards["batch"]), work.wildcards["learning_rule"]
    environment = build.environment(rules[learner].settings)
    terms = _terms(chosen) if chosen.subspace_along == learner else []
    parts = monomials(build_rule.learning_rule(settings, "theta_33", None, work.device), terms)
    alone = {name: one.rule for name, one in rules.items()}
    found = expected(
        {**alone, GRADIENT: steepest(rules[learner].rule.baseline_decay), **parts},
        at.network,
        environment,
        Draws(chosen.burn_in, chosen.blocks, chosen.draws, min(chosen.draws, chosen.quiet_draws)),
        quiet={GRADIENT, *(name for name in rules if about(name).information in BY_DERIVATIVE)},
        generator=build.noise(settings, "align", batch, at.number),
    )
    gradient = found.update.pop(GRADIENT)
    source = seeding.generator(settings.seed, "align", "shuffled", learner, batch, at.number)
    control = {CONTROL: _shuffled(found.update[learner], at.network, source)}
    mixing = {name for name in rules if about(name).mixes_trial_types}
    return {
        "alignment": alignment(work, found.update | control, gradient, found.reward, at, mixing),
        "similarity": similarity({name: update.mean(1) for name, update in found.update.items()}, at),
        "descent": descent(work, environment, found.update[learner], gradient, at),
    }


def _terms(chosen: Any) -> list[tuple[int, int]]:
    """Return the (k, l) of the best polynomial rule."""
    powers = range(chosen.subspace_degree + 1)
    every = [(k, l) for k in powers for l in powers]
    return [(k, l) for k, l in every if k % 2 and l % 2] if chosen.subspace_terms == "odd" else every


def _shuffled(update: Tensor, network: Network, source: torch.Generator) -> Tensor:
    """Permute the units of updates of all blocks and types alike; n y b i j."""
    return shuffled(update.flatten(0, 1), ~network.clamped, generator=source).unflatten(0, update.shape[:2])


def _metrics(table: pd.DataFrame) -> dict[str, float]:
    """Return the mean cosine of each compared rule, over networks and snapshots."""
    whole = table[table.trial_type == ALL]
    return {f"cosine.{name}": float(part.cosine.mean()) for name, part in whole.groupby("compared")}
