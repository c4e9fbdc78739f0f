"""How often the tests of solutions find differences that are there, and differences that are not."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Generator

from benchmarks.planted import Array, Plan, normal, planted
from threefactor import seeding
from threefactor.analysis.solutions.bootstrap import interval, resample_counts
from threefactor.analysis.solutions.classification import leave_block_out
from threefactor.analysis.solutions.cluster_number import cluster_number, without_factor
from threefactor.analysis.solutions.dispersion import dispersion
from threefactor.analysis.solutions.feature_classification import classify, linear
from threefactor.analysis.solutions.mds import classical_mds
from threefactor.analysis.solutions.splits import group_splits
from threefactor.analysis.solutions.two_by_two import EFFECTS, rule_effects, two_by_two
from threefactor.analysis.solutions.variance_partition import partition

LEVEL = 0.05
"""Of each test."""

PERMUTATIONS = 99
SAMPLES = 500
"""Of the bootstrap."""

MORE = 4
"""Times as many draws where there is nothing to find."""

FEW = 19
"""The fewest with which a test can find anything."""

SHIFTS = (0.0, 0.05, 0.1, 0.15, 0.2)
CLUSTERS = 3

Found = dict[str, float]


class Study(NamedTuple):
    """A test, and what is planted."""

    name: str
    sizes: tuple[float, ...]  # the first is that of no difference
    test: Callable[[Plan, float, Generator], Found]  # what was found (1 or 0) in one draw, by name
    draws: float = 1.0  # as a multiple of the usual number


def share_of(factor: str, shift: float, plan: Plan, generator: Generator, *, missing: float = 0.0) -> Found:
    """Test the share of a factor."""
    drawn = planted(plan, shift, generator, missing=missing)
    none = np.zeros((len(drawn.rule), 0))
    shares = partition(drawn.distances, drawn.factors, none, PERMUTATIONS, generator=generator)
    return {"found": next(one.p <= LEVEL for one in shares if one.factor == factor)}


def beyond_covariate(plan: Plan, shift: float, generator: Generator) -> Found:
    """Test the share of the rule, where a covariate differs between rules and moves networks as far as they scatter."""
    drawn = planted(plan, shift, generator)
    covariate = normal(plan.rules, 1, generator=generator)[drawn.rule] + normal(
        len(drawn.rule), 1, generator=generator
    )
    spread = drawn.points[drawn.rule == 0].std(0)
    moved = drawn._replace(points=drawn.points + covariate * spread / 2)
    shares = partition(moved.distances, drawn.factors, covariate, PERMUTATIONS, generator=generator)
    return {"found": shares[0].p <= LEVEL}


def spread_differs(plan: Plan, size: float, generator: Generator) -> Found:
    """Test dispersion, where half of the rules scatter less by a fraction."""
    drawn = planted(plan, 0.3, generator, narrow=1 - size)
    labels = drawn.rule, drawn.network
    return {"found": dispersion(drawn.distances, *labels, PERMUTATIONS, generator=generator).p <= LEVEL}


def nearest(plan: Plan, shift: float, generator: Generator) -> Found:
    """Tell rules apart by the nearest centroid, each initialisation left out in turn."""
    drawn = planted(plan, shift, generator)
    labels = drawn.rule, drawn.network
    found = leave_block_out(drawn.distances, *labels, PERMUTATIONS, generator=generator)
    return {"found": found.p <= LEVEL, "accuracy": found.accuracy}


def support_vectors(plan: Plan, shift: float, generator: Generator) -> Found:
    """Tell rules apart by linear support vectors on ten coordinates, in ten splits."""
    drawn = planted(plan, shift, generator)
    features, _ = classical_mds(drawn.distances, 10)
    splits = group_splits(drawn.network, 10, 0.25, generator=generator)
    found = classify(features, drawn.rule, drawn.network, splits, linear, FEW, generator=generator)
    return {"found": found.p <= LEVEL, "accuracy": found.accuracy}


def clusters(plan: Plan, shift: float, generator: Generator) -> Found:
    """Count clusters, where rules share three places; initialisations are taken out."""
    drawn = planted(plan, shift, generator, classes=CLUSTERS)
    distances = without_factor(drawn.distances, drawn.network)
    smallest = max(2, len(drawn.rule) // 40)
    found = cluster_number(distances, plan.rules, smallest, FEW, generator=generator)
    return {"found": found.p <= LEVEL, "number": found.p <= LEVEL and found.number == CLUSTERS}


def cells(effect: str, size: float, plan: Plan, generator: Generator) -> Found:
    """Test an effect in the 2 × 2, in units of the SD within a rule; rules of a cell scatter by a third of that."""
    is_local, gets_error = (np.arange(plan.rules) // step % 2 == 1 for step in (1, 2))
    weights = EFFECTS[effect]
    truth = size * (weights / (weights**2).sum())[is_local.astype(int), gets_error.astype(int)]
    rules = truth + normal(plan.rules, generator=generator) / 3
    within = np.sqrt(1 + plan.initialisation**2)
    starts = plan.initialisation * normal(plan.networks, generator=generator)
    own = starts + normal(plan.rules, plan.networks, generator=generator)
    table = rules[:, None] + own / within
    counts = resample_counts(plan.networks, SAMPLES, generator=generator)
    found = next(one for one in two_by_two(table, is_local, gets_error, counts) if one.effect == effect)
    contrast = weights[is_local.astype(int), gets_error.astype(int)] * 4 / plan.rules
    low, high = interval(resampled_rules(table, contrast, counts, generator))
    return {
        "found": not found.low_rules <= 0 <= found.high_rules,
        "held": found.low_rules <= size <= found.high_rules,
        "held_bootstrap": low <= size <= high,
        "found_networks": not found.low <= 0 <= found.high,
        "held_networks": found.low <= size <= found.high,
        "held_these": found.low <= float(contrast @ rules) <= found.high,
    }


def resampled_rules(table: Array, contrast: Array, counts: Array, generator: Generator) -> Array:
    """Return a contrast of cells (r) in bootstrap samples of initialisations and of the rules of each cell, (d)."""
    effects, drawn = rule_effects(table, counts), np.zeros((len(counts), len(table)), dtype=np.int64)
    cell = np.arange(len(table)) % 4
    for number in range(4):
        own = np.flatnonzero(cell == number)
        chosen = torch.randint(len(own), (len(counts), len(own)), generator=generator).numpy()
        drawn[:, own] = own[chosen]
    return np.asarray(np.take_along_axis(effects, drawn, 1) @ contrast)


def of_rule(plan: Plan, shift: float, generator: Generator) -> Found:
    return share_of("learning_rule", shift, plan, generator)


def of_rule_unbalanced(plan: Plan, shift: float, generator: Generator) -> Found:
    return share_of("learning_rule", shift, plan, generator, missing=0.4)


def of_gain(plan: Plan, size: float, generator: Generator) -> Found:
    return share_of("gain", 0.3, plan._replace(gain=size), generator)


def locality(plan: Plan, size: float, generator: Generator) -> Found:
    return cells("locality", size, plan, generator)


def interaction(plan: Plan, size: float, generator: Generator) -> Found:
    return cells("interaction", size, plan, generator)


STUDIES = (
    Study("R² of the rule", SHIFTS, of_rule),
    Study("R² of the rule, 40 % of half of the rules' networks missing", SHIFTS, of_rule_unbalanced),
    Study("R² of the rule beyond a covariate", SHIFTS, beyond_covariate),
    Study("classification, nearest centroid", SHIFTS, nearest),
    Study("classification, linear support vectors", SHIFTS, support_vectors, draws=0.15),
    Study("R² of gain", (0.0, 0.1, 0.2, 0.3, 0.4), of_gain),
    Study("dispersion", (0.0, 0.05, 0.1, 0.15, 0.2), spread_differs),
    Study("three clusters", (0.0, 0.25, 0.5, 0.75, 1.0), clusters),
    Study("locality", (0.0, 0.25, 0.5, 1.0, 1.5), locality, draws=4),
    Study("interaction", (0.0, 0.5, 1.0, 2.0, 3.0), interaction, draws=4),
)


def measure(plan: Plan, draws: int, studies: Sequence[Study] = STUDIES) -> list[dict[str, Any]]:
    """Return how often each study found what, at each size, with the same random numbers for all sizes of a study."""
    rows = []
    for study in studies:
        for size in study.sizes:
            count = max(1, round(draws * study.draws * (1 if size else MORE)))
            sources = (seeding.generator(seed, "power", study.name) for seed in range(count))
            found = [study.test(plan, size, source) for source in sources]
            means = {name: float(np.mean([one[name] for one in found])) for name in found[0]}
            rows.append({"study": study.name, "size": size, "draws": count, **means})
    return rows
