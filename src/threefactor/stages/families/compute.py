"""Which learned rules are really different: their scores, distances between them, and the span of their tangents."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from threefactor import seeding
from threefactor.analysis.families import distances, scores, visited
from threefactor.analysis.families.distances import Array
from threefactor.analysis.solutions.bootstrap import resample_counts
from threefactor.contract import Experience, Network, Rule
from threefactor.derivatives import subspace
from threefactor.experiment import build as assemble
from threefactor.experiment.learned import Learned, living
from threefactor.experiment.learned import tables as learned_tables
from threefactor.experiment.rule_classes import first, members
from threefactor.metalearning import held_out
from threefactor.metalearning.scaling import monomial_scale
from threefactor.metalearning.trial_record import carry, run_trials
from threefactor.pipeline.job import Job
from threefactor.pipeline.storage.outputs import Output
from threefactor.training.environment import experience
from threefactor.training.trial import start_learning

PLAIN = "theta_33"
PLACES = "untrained", "learning"
"""When states are looked at."""

EARLY = 8
"""Trials of which each stretch of visited states is made: those around the end of the warm-up, and the last."""


def compute(job: Job) -> dict[str, Output]:
    """Score and compare all learned rules, with theta_33 beside them.

    Outputs: ``members`` (a row per rule), ``distances`` (a row per pair), ``visited`` (a row per pair of powers),
    ``rank`` (a row per rule, network and trial).
    """
    learned = learned_tables(job)
    tables = {name: one.theta for name, one in learned.items()}
    names = [PLAIN, *tables]
    grids = torch.stack([_grid(job, tables.get(name)) for name in names])
    kinds = [assemble.deviation_of(job.config, tables.get(name)) for name in names]
    moments = _visited(job, list(dict.fromkeys(kinds)))
    scaled, functions = _compared(job, grids, kinds, moments)
    of = members(job.config)
    apart = distances.pairs(names, of, scaled, functions, kinds)
    found = distances.cluster(apart, names, "function_distance_learning")
    table = pd.DataFrame({"learning_rule": names, "member": [of.get(name, "") for name in names]})
    table["cluster"], table["threshold"] = found.label, found.threshold
    table["terms"] = (grids.flatten(1) != 0).sum(1).numpy()
    spanned = first(job.config, job.config.families.rank_rules)
    rank = [row for name in spanned for row in _rank(job, name, learned)]
    return {
        "members": pd.concat([table, _scores(job, names, learned)], axis=1),
        "distances": apart,
        "visited": _moment_table(moments),
        "rank": pd.DataFrame(rank, columns=RANK),
    }


def _compared(
    job: Job, grids: Tensor, kinds: list[str], moments: Mapping[str, Mapping[str, Tensor]]
) -> tuple[Array, dict[str, Array]]:
    """Return scaled coefficients (a p) and products as functions (a a), each in the deviation that the rule takes.

    Products of rules that take different deviations are zero.
    """
    scaled = torch.zeros_like(grids)
    products = {place: torch.zeros(len(grids), len(grids)).double() for place in PLACES}
    for kind, found in moments.items():
        own = torch.tensor([at for at, name in enumerate(kinds) if name == kind])
        scaled[own] = grids[own] / _scale(job, kind, grids[own])
        for place, moment in found.items():
            products[place][own[:, None], own] = visited.products(grids[own], moment)
    return scaled.flatten(1).numpy(), {place: product.numpy() for place, product in products.items()}


def _rule(job: Job, name: str, learned: Mapping[str, Learned]) -> Rule:
    return living(job.config, name, learned, job.device).rule


def _grid(job: Job, table: pd.DataFrame | None) -> Tensor:
    """Return raw theta at its powers, up to the degree that is learned at most; k l, float64."""
    size = max(job.config.metalearn.degree, 3) + 1
    grid = torch.zeros(size, size, dtype=torch.float64)
    if table is None:
        grid[3, 3] = assemble.monomial_sign((3, 3))
    else:
        grid[table.k.to_numpy(), table.l.to_numpy()] = torch.tensor(table.theta.to_numpy())
    return grid


def _scale(job: Job, kind: str, grids: Tensor) -> Tensor:
    """Return theta / scaled theta of every term that any rule of a deviation has, in the task of the settings.

    k l, one elsewhere.
    """
    config, used = assemble.with_own(job.config, {"deviation": kind}), (grids != 0).any(0)
    terms = [(int(k), int(l)) for k, l in used.nonzero()]
    ids = range(config.metalearn.scaling_networks)
    networks = assemble.network(config, ids, job.device, purpose="metalearn scaling")
    rule = assemble.polynomial(config, terms, torch.ones(len(terms)).to(networks.weights))
    source = assemble.noise(config, "metalearn scaling")
    scale = torch.ones_like(grids[0])
    scale[used] = (
        monomial_scale(rule, networks, assemble.environment(config), generator=source).double().cpu()
    )
    return scale


def _scores(job: Job, names: list[str], learned: Mapping[str, Learned]) -> pd.DataFrame:
    """Score all rules on the same networks, a row each, under the settings that were learned beside them."""
    config, own = job.config, job.config.families
    network = assemble.network(config, range(own.networks), job.device, purpose="families")
    criterion = assemble.criterion(config)._replace(horizon=own.trials)
    parts: list[list[np.ndarray]] = [[], [], [], []]
    with job.progress(len(names), "rules") as bar:
        for name in names:
            rule, settings = living(config, name, learned, job.device)
            single = rule._replace(params=rule.params._replace(theta=rule.params.theta[None]))
            noise, environment = assemble.noise(config, "families"), assemble.environment(settings)
            found = held_out.score(single, network, environment, criterion, generator=noise)
            for part, value in zip(parts, found, strict=True):
                part.append(value[0].double().cpu().numpy())
            bar.advance()
    source = seeding.generator(config.seed, "families", "bootstrap")
    counts = resample_counts(own.networks, own.bootstraps, generator=source)
    soft, error, trials, reached = map(np.stack, parts)
    return scores.summary(soft, error, trials, reached, counts)


def _visited(job: Job, kinds: list[str]) -> dict[str, dict[str, Tensor]]:
    """Return the moments of rates and of each deviation before learning and after it, under theta_33 as it is."""
    config, own = job.config, job.config.families
    network = assemble.network(config, range(own.visited_networks), job.device, purpose="families visited")
    rule = _rule(job, PLAIN, {})
    learner = start_learning(rule, network, len(assemble.task(config).trial_types))
    stretches = (range(EARLY), range(max(0, own.trials - EARLY), own.trials))
    sampled, degree = _trials(job, network, own.trials, "families visited"), max(config.metalearn.degree, 3)
    seen = [_rule_of(job, kind).params for kind in kinds]
    found = list(visited.moments(rule, learner, sampled, seen, degree, stretches))
    return {kind: dict(zip(PLACES, (part[n] for part in found), strict=True)) for n, kind in enumerate(kinds)}


def _rule_of(job: Job, kind: str) -> Rule:
    """Return theta_33 of a deviation."""
    return assemble.learning_rule(assemble.with_own(job.config, {"deviation": kind}), PLAIN, None, job.device)


def _trials(job: Job, network: Network, count: int, purpose: str) -> Iterator[Experience]:
    environment, noise = assemble.environment(job.config), assemble.noise(job.config, purpose)
    return (experience(environment, network, h, generator=noise(h)) for h in range(count))


def _moment_table(moments: Mapping[str, Mapping[str, Tensor]]) -> pd.DataFrame:
    """Return E r^k d^l, a row per deviation and pair of powers."""
    parts = []
    for kind, found in moments.items():
        size = len(found[PLACES[0]])
        powers = [(kind, k, l) for k in range(size) for l in range(size)]
        columns = {place: moment.flatten().numpy() for place, moment in found.items()}
        parts.append(pd.DataFrame(powers, columns=["deviation", "k", "l"]).assign(**columns))
    return pd.concat(parts, ignore_index=True)


RANK = [
    "learning_rule",
    "network",
    "trial",
    "terms",
    "participation_ratio",
    "effective_rank",
    "effective_rank_alone",
]


def _rank(job: Job, name: str, learned: Mapping[str, Learned]) -> Iterator[tuple[object, ...]]:
    """Yield the rank of the span of the weight tangents, a row per network and trial after the warm-up."""
    config, own = job.config, job.config.families
    network = assemble.network(config, range(own.rank_networks), job.device, purpose="families rank")
    scale = torch.tensor(learned[name].theta.scale.to_numpy(), device=job.device)
    rule = _rule(job, name, learned)
    learner = start_learning(rule, network, len(assemble.task(config).trial_types))
    sampled = _trials(job, network, rule.warm_up + max(own.rank_trials), "families rank")
    source = seeding.generator(config.seed, "families rank")
    for h, step in enumerate(
        carry(rule, run_trials(rule, learner, sampled, 0.0, generator=source)), 1 - rule.warm_up
    ):
        if h in own.rank_trials:
            gram = subspace.gram(step.after.weight, scale)
            measured = (subspace.participation_ratio(gram), subspace.effective_rank(gram))
            both = zip(
                *(x.tolist() for x in (*measured, subspace.effective_rank(subspace.alone(gram)))), strict=True
            )
            yield from ((name, b, h, len(scale), *values) for b, values in enumerate(both))
