"""A made-up table of all networks on the default task."""

import numpy as np

from made import crossed
from threefactor.analysis import network_table
from threefactor.analysis.landscape.fixed_point_table import FIXED_POINTS
from threefactor.tasks import dnms

RULES = ["theta_33", "theta_11", "learned_random", "bptt"]
ANALYSED = [rule for rule in RULES if rule != "theta_11"]  # θ₁₁ never crosses the level
NETWORKS = 6
LEVEL = 0.5  # the default of analyse.level
TASK = dnms.make(1000.0, 10.0, 0.98, "graded")
FACTORS = list(TASK.factors)


def by_rule(suffix, table):
    """Write a table as the stage does, a file for each rule: the parts by their path."""
    return {f"analyse/{rule}/0{suffix}": part for rule, part in table.groupby("learning_rule", sort=False)}


def at_level(table):
    """Return the rows at the level that figures show."""
    return table[table.level == LEVEL]


def networks_table():
    """Return a table in which the first three networks of a rule were searched for fixed points."""
    table = crossed(
        network_table.columns(FACTORS),
        learning_rule=RULES,
        network=list(range(NETWORKS)),
        level=[0.7, LEVEL],
        batch=0,
        analysed=lambda table: table.learning_rule != "theta_11",
        crossed=lambda table: table.analysed,
        trials=lambda table: 300 + 10 * table.network,
    )
    measures = [measure.name for measure in network_table.measures(FACTORS)]
    table.loc[~table.analysed, measures] = np.nan
    table.loc[table.network >= 3, ["fixed_points", "stable_fixed_points", "fixed_point_arrivals"]] = np.nan
    return table


def fixed_points():
    """Return three fixed points of each searched network and input, every other of which is stable."""
    return crossed(
        FIXED_POINTS,
        learning_rule=ANALYSED,
        network=[0, 1, 2],
        level=LEVEL,
        condition=["none", "a", "b"],
        index=[0, 1, 2],
        stable=lambda table: np.arange(len(table)) % 2 == 0,
        largest_real=lambda table: np.where(table.stable, -0.5, 0.25),
    )
