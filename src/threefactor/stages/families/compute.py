"""Compare all learned rules: their scores, distances between them, and the rank of their weight tangents.

theta_33 stands beside them.  Scores are of the same networks under every rule; distances are of coefficients, and of
rules as functions of the rates and deviations that networks visit while they learn by theta_33.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from threefactor import seeding
from threefactor.analysis.families import rule_distances, scores, visited
from threefactor.analysis.families.rule_distances import Array
from threefactor.analysis.solutions.bootstrap import resample_counts
from threefactor.contract import Experience, Network, Rule
from threefactor.derivatives import subspace
from threefactor.experiment import build, build_rule
from threefactor.experiment.learned import Learned, rule_under, tables
from threefactor.experiment.rule_classes import first, rule_classes
from threefactor.experiment.work import Results, Work
from threefactor.metalearning import held_out
from threefactor.metalearning.scaling import monomial_scale
from threefactor.metalearning.trial_record import carry, run_trials
from threefactor.stages.families.tables import TABLES
from threefactor.training.environment import experience
from threefactor.training.trial import start_learning

REFERENCE = "theta_33"

PHASES = "untrained", "learning"
"""Phases of learning whose states weight the distance between functions."""

PHASE_TRIALS = 8
"""Trials of each phase: the first of the networks, or the last."""

CLUSTERED_BY = "function_distance_learning"

Moments = Mapping[str, Mapping[str, Tensor]]
"""``E r^k d^l`` by deviation and phase of learning; k l each."""


def compute(work: Work) -> Results:
    """Score and compare all learned rules.

    Outputs: ``rules`` (a row per rule), ``distances`` (a row per pair), ``visited`` (a row per deviation and pair of
    powers), ``rank`` (a row per rule, network and trial).
    """
    settings, learned = work.settings, tables(work)
    names, classes = [REFERENCE, *learned], rule_classes(settings)
    theta = {name: learned[name].theta if name in learned else None for name in names}
    deviations = [build_rule.deviation_of(settings, theta[name]) for name in names]
    grids = torch.stack([_grid(settings, theta[name]) for name in names])
    moments = _visited(work, list(dict.fromkeys(deviations)))
    scaled, functions = _compared(work, grids, deviations, moments)
    apart = rule_distances.pairs(names, classes, scaled, functions, deviations)
    found = rule_distances.cluster(apart, names, CLUSTERED_BY)
    table = pd.DataFrame({"learning_rule": names, "rule_class": [classes.get(name, "") for name in names]})
    table["cluster"], table["threshold"] = found.label, found.threshold
    table["terms"] = (grids.flatten(1) != 0).sum(1).numpy()
    ranked = first(settings, settings.families.rank_rules)
    rank = [row for name in ranked for row in _rank(work, name, learned)]
    return Results(
        {
            "rules": pd.concat([table, _scores(work, names, learned)], axis=1),
            "distances": apart,
            "visited": _moments_table(moments),
            "rank": pd.DataFrame(rank, columns=TABLES["rank"].names()),
        }
    )


def _compared(
    work: Work, grids: Tensor, deviations: Sequence[str], moments: Moments
) -> tuple[Array, dict[str, Array]]:
    """Return scaled coefficients (a p), and inner products as functions (a a) by phase of learning.

    Each rule is a function of its own deviation; products of rules that take different deviations are zero.
    """
    scaled = torch.zeros_like(grids)
    products = {phase: torch.zeros(len(grids), len(grids)).double() for phase in PHASES}
    for deviation, by_phase in moments.items():
        same = torch.tensor([at for at, name in enumerate(deviations) if name == deviation])
        scaled[same] = grids[same] / _scale(work, deviation, grids[same])
        for phase, moment in by_phase.items():
            products[phase][same[:, None], same] = visited.products(grids[same], moment)
    return scaled.flatten(1).numpy(), {phase: product.numpy() for phase, product in products.items()}


def _grid(settings: Any, table: pd.DataFrame | None) -> Tensor:
    """Return raw theta by powers, up to the highest degree that is learned; k l, float64."""
    size = max(settings.metalearn.degree, 3) + 1
    grid = torch.zeros(size, size, dtype=torch.float64)
    if table is None:
        grid[3, 3] = build_rule.monomial_sign((3, 3))
    else:
        grid[table.k.to_numpy(), table.l.to_numpy()] = torch.tensor(table.theta.to_numpy())
    return grid


def _scale(work: Work, deviation: str, grids: Tensor) -> Tensor:
    """Return theta / scaled theta of every term that any of these rules has, one elsewhere; k l."""
    settings, used = _with_deviation(work.settings, deviation), (grids != 0).any(0)
    terms = [(int(k), int(l)) for k, l in used.nonzero()]
    ids = range(settings.metalearn.scaling_networks)
    networks = build.network(settings, ids, work.device, purpose="metalearn scaling")
    rule = build_rule.polynomial(settings, terms, torch.ones(len(terms)).to(networks.weights))
    source = build.noise(settings, "metalearn scaling")
    scale = torch.ones_like(grids[0])
    found = monomial_scale(rule, networks, build.environment(settings), generator=source)
    scale[used] = found.double().cpu()
    return scale


def _scores(work: Work, names: Sequence[str], learned: Mapping[str, Learned]) -> pd.DataFrame:
    """Score all rules on the same networks, a row each, with the hyperparameters that were learned with them."""
    settings, wanted = work.settings, work.settings.families
    network = build.network(settings, range(wanted.networks), work.device, purpose="families")
    criterion = build.criterion(settings, wanted.trials)
    parts: list[list[np.ndarray]] = [[], [], [], []]
    for name in work.each(names, "rules"):
        rule, under = rule_under(settings, name, learned, work.device)
        single = rule._replace(params=rule.params._replace(theta=rule.params.theta[None]))
        noise, environment = build.noise(settings, "families"), build.environment(under)
        found = held_out.score(single, network, environment, criterion, generator=noise)
        for part, value in zip(parts, found, strict=True):
            part.append(value[0].double().cpu().numpy())
    source = seeding.generator(settings.seed, "families", "bootstrap")
    counts = resample_counts(wanted.networks, wanted.bootstraps, generator=source)
    smoothed, error, trials, reached = map(np.stack, parts)
    return scores.summary(smoothed, error, trials, reached, counts)


def _visited(work: Work, deviations: Sequence[str]) -> dict[str, dict[str, Tensor]]:
    """Return the moments of rates and of each deviation, before and after learning by theta_33."""
    settings, wanted = work.settings, work.settings.families
    ids = range(wanted.visited_networks)
    network = build.network(settings, ids, work.device, purpose="families visited")
    rule = _reference(settings, work)
    learner = start_learning(rule, network, len(build.task(settings).trial_types))
    phases = (range(PHASE_TRIALS), range(max(0, wanted.trials - PHASE_TRIALS), wanted.trials))
    sampled = _trials(work, network, wanted.trials, "families visited")
    seen = [_reference(_with_deviation(settings, name), work).params for name in deviations]
    degree = max(settings.metalearn.degree, 3)
    found = list(visited.moments(rule, learner, sampled, seen, degree, phases))
    return {
        deviation: dict(zip(PHASES, (part[n] for part in found), strict=True))
        for n, deviation in enumerate(deviations)
    }


def _with_deviation(settings: Any, deviation: str) -> Any:
    return settings.changed({"plasticity.deviation": deviation})


def _reference(settings: Any, work: Work) -> Rule:
    """Return theta_33 under some settings."""
    return build_rule.learning_rule(settings, REFERENCE, None, work.device)


def _trials(work: Work, network: Network, count: int, purpose: str) -> Iterator[Experience]:
    environment, noise = build.environment(work.settings), build.noise(work.settings, purpose)
    return (experience(environment, network, h, generator=noise(h)) for h in range(count))


def _moments_table(moments: Moments) -> pd.DataFrame:
    """Return E r^k d^l, a row per deviation and pair of powers, a column per phase."""
    parts = []
    for deviation, found in moments.items():
        size = len(found[PHASES[0]])
        powers = [(deviation, k, l) for k in range(size) for l in range(size)]
        columns = {phase: moment.flatten().numpy() for phase, moment in found.items()}
        parts.append(pd.DataFrame(powers, columns=["deviation", "k", "l"]).assign(**columns))
    return pd.concat(parts, ignore_index=True)


def _rank(work: Work, name: str, learned: Mapping[str, Learned]) -> Iterator[tuple[object, ...]]:
    """Yield the rank of the weight tangents with respect to scaled theta, a row per network and trial of learning."""
    settings, wanted = work.settings, work.settings.families
    network = build.network(settings, range(wanted.rank_networks), work.device, purpose="families rank")
    scale = torch.tensor(learned[name].theta.scale.to_numpy(), device=work.device)
    rule = rule_under(settings, name, learned, work.device).rule
    learner = start_learning(rule, network, len(build.task(settings).trial_types))
    sampled = _trials(work, network, rule.warm_up + max(wanted.rank_trials), "families rank")
    source = seeding.generator(settings.seed, "families rank")
    records = run_trials(rule, learner, sampled, 0.0, generator=source)
    for h, step in enumerate(carry(rule, records), 1 - rule.warm_up):
        if h in wanted.rank_trials:
            gram = subspace.gram(step.after.weight, scale)
            ranks = (values.tolist() for values in subspace.ranks(gram))
            for b, values in enumerate(zip(*ranks, strict=True)):
                yield (name, b, h, len(scale), *values)
