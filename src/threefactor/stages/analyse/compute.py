"""Describe and compare the networks that the learning rules trained.

Networks are compared at one level of noise-free error, ``analyse.level``: with the weights that they had when they first
crossed it.  Networks that never did stay in ``networks.csv``.  A rule with fewer than two of them has none.  Trials
are noise-free, one of each trial type; decoding alone uses perturbed trials from random starts.  Geometry is of the rates
of the free units.  `threefactor.stages.analyse.tables` explains every output.
"""

from collections.abc import Mapping

import pandas as pd

from threefactor.analysis import network_table as measures
from threefactor.analysis.group import Moments, moments
from threefactor.analysis.solutions import comparison_tables as comparison
from threefactor.analysis.solutions.compared import together
from threefactor.analysis.table import KEYS, Table, stacked
from threefactor.experiment import build
from threefactor.experiment.work import Output, Results, Work
from threefactor.stages.analyse.describe import Description, describe
from threefactor.stages.analyse.retrained import groups, retrained
from threefactor.stages.analyse.tables import tables

OF_RULES = ("decoding", "spectrum", "fixed_points")
"""Tables that each rule has a part of."""


def compute(work: Work) -> Results:
    """Analyse all retrained networks: the geometry of one rule at a time, then all rules together."""
    settings, networks, task = work.settings, retrained(work), build.task(work.settings)
    at = moments(task.steps, settings.network.time_step_ms, settings.analyse.interval_ms)
    found = groups(work, networks)
    parts = [describe(work, found[rule], task, at) for rule in work.each(list(found), "learning rules")]
    factors = list(task.factors)
    together = _together(work, networks, parts, measures.compared(factors))
    return Results({**_collected(networks, parts, at, tables(factors)), **together})


def _together(
    work: Work, networks: pd.DataFrame, parts: list[Description], compared: list[str]
) -> dict[str, Output]:
    """Compare the networks of all rules that are analysed."""
    settings, seed = work.settings.analyse, work.settings.seed
    profile = _profile(parts)
    rule, network = pd.factorize(profile.learning_rule)[0], profile.network.to_numpy(int)
    distances = comparison.all_distances(together([part.compared for part in parts])) if parts else {}
    tests, confusions = comparison.tests_table(distances, rule, network, settings.permutations, seed)
    counts = comparison.bootstrap_counts(int(networks.network.max()) + 1, settings.bootstraps, seed)
    confusion = {f"confusion.{name}": matrix for name, matrix in confusions.items()}
    return {
        "distances": {"network": network, "rule": rule, **distances, **confusion},
        "embedding": comparison.embedding_table(distances, profile),
        "permanova": tests,
        "spread": comparison.spread_table(profile, distances, compared, counts),
    }


def _collected(
    networks: pd.DataFrame, parts: list[Description], at: Moments, declared: Mapping[str, Table]
) -> dict[str, Output]:
    """Join the parts of all rules."""
    trajectories = {key: value for part in parts for key, value in part.trajectories.items()}
    matrices = {key: value for part in parts for key, value in part.cross_temporal.items()}
    whole = networks.merge(_profile(parts), on=list(KEYS), how="left", validate="one_to_one")
    return {
        "networks": stacked([whole], declared["networks"]),
        **{name: stacked([part.tables[name] for part in parts], declared[name]) for name in OF_RULES},
        "trajectories": {"time_ms": at.time, **trajectories},
        "cross_temporal": {"time_ms": at.time, **matrices},
    }


def _profile(parts: list[Description]) -> pd.DataFrame:
    """Stack the profiles of all analysed networks, rule by rule."""
    empty = pd.DataFrame({"learning_rule": pd.Series(dtype=str), "network": pd.Series(dtype=int)})
    return pd.concat([part.profile for part in parts], ignore_index=True) if parts else empty
