"""Learning speed of every rule under every condition; every network counts, also those that never learned."""

from collections.abc import Mapping
from itertools import permutations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from threefactor.analysis.solutions.comparison_columns import SURVIVAL
from threefactor.analysis.solutions.learning_speed import REFERENCE, Arrivals, shared_ratio, speed_rows
from threefactor.analysis.solutions.survival import survival_curve
from threefactor.analysis.table import RULE, Column, Table
from threefactor.analysis.transfer.ceiling import UNKNOWN, gap_closed
from threefactor.declarations import TUNED_MARK

CEILING = "node_perturbation"

TUNED = TUNED_MARK + REFERENCE
"""The rule that others are compared with where its constants were tuned for the condition."""

_LOW, _HIGH = "lower end of its 95 % interval", "upper end of its 95 % interval"

CONDITION = Column("condition", "", "key of transfer.conditions")

RULES = Table(
    "a condition and learning rule, every network counted",
    (
        CONDITION,
        RULE,
        Column("networks", "networks", "networks that were trained"),
        Column("reached", "networks", "networks that reached the criterion"),
        Column("diverged", "networks", "networks whose weight update was not finite"),
        Column("reached_fraction", "fraction of networks", "networks that reached the criterion"),
        Column("reached_low", "fraction of networks", f"{_LOW} (Wilson)"),
        Column("reached_high", "fraction of networks", _HIGH),
        Column(
            "restricted_mean", "trials", "mean trials to criterion, failed networks counted at the horizon"
        ),
        Column(
            "restricted_mean_low",
            "trials",
            f"{_LOW}, bootstrap over networks; empty where none reached the criterion",
        ),
        Column("restricted_mean_high", "trials", _HIGH),
        Column(
            "median",
            "trials",
            "trials until half of the networks are at criterion (Kaplan–Meier); else empty",
        ),
        Column("iqr_low", "trials", "trials until a quarter of them is"),
        Column("iqr_high", "trials", "trials until three quarters of them are"),
        Column(
            "ratio_to_theta_33",
            "",
            "restricted mean by that of theta_33 under the condition, same networks; empty where none reached the "
            "criterion by either rule",
        ),
        Column("ratio_low", "", f"{_LOW}, paired bootstrap over networks"),
        Column("ratio_high", "", _HIGH),
        Column("logrank_p", "", "p of the log-rank test against theta_33"),
        Column(
            "gap_closed", "", "0 for theta_33, 1 for node_perturbation; empty where the latter is not faster"
        ),
        Column("gap_closed_low", "", f"{_LOW}, paired bootstrap over networks"),
        Column("gap_closed_high", "", _HIGH),
        Column(
            "ratio_to_untuned", "", "restricted mean by that of theta_33 under compare_conditions.untuned"
        ),
        Column("untuned_low", "", f"{_LOW}, paired bootstrap over networks"),
        Column("untuned_high", "", _HIGH),
        Column("accuracy", "fraction of trials", "right answers in the last trials, mean over networks"),
        Column("error", "", "mean |y − y*| in the last trials, mean over networks"),
        Column("horizon", "trials", "trials after which a network has failed"),
        Column("trials", "trials", "trials that were simulated, all networks"),
    ),
    optional=(
        Column(
            "ratio_to_tuned",
            "",
            f"restricted mean by that of {TUNED}, whose constants were tuned for the condition; where one has it",
        ),
        Column("to_tuned_low", "", f"{_LOW}, paired bootstrap over networks"),
        Column("to_tuned_high", "", _HIGH),
    ),
)
"""Columns of ``rules.csv``."""

TO_TUNED = [column.name for column in RULES.optional]
"""Ratio to the tuned theta_33, with the ends of its interval."""

PAIRS = Table(
    "a condition and ordered pair of learning rules",
    (
        CONDITION,
        RULE,
        Column("beside", "", "learning rule that it is compared with"),
        Column("networks", "networks", "networks that both trained"),
        Column("ratio", "", "restricted mean of the first by that of the second, on these networks"),
        Column("ratio_low", "", f"{_LOW}, paired bootstrap over networks"),
        Column("ratio_high", "", _HIGH),
    ),
)
"""Columns of ``pairs.csv``."""

WAITING = Table("a condition, learning rule and step of its curve", (CONDITION, *SURVIVAL.columns))
"""Columns of ``waiting.csv``."""

Counts = NDArray[np.float64]


def rules_table(networks: pd.DataFrame, counts: Counts, tuned: str, untuned: str) -> pd.DataFrame:
    """Compare the rules within every condition, and those of one with theta_33 of another.

    Parameters
    ----------
    networks : DataFrame
        A row per condition, rule and network, as stage ``transfer`` writes them.
    counts : ndarray
        Bootstrap counts of the networks by id, (d, ids).
    tuned, untuned : str
        Rules of the first condition are also compared with theta_33 under the second; empty for none.
    """
    parts = [
        _condition(part, counts).assign(condition=name)
        for name, part in networks.groupby("condition", sort=False)
    ]
    table = pd.concat(parts, ignore_index=True).rename(columns={"ratio": "ratio_to_theta_33"})
    compared = _with_untuned(networks, counts, tuned, untuned)
    places = zip(table.condition, table.learning_rule, strict=True)
    found = [compared.get(rule, UNKNOWN) if condition == tuned else UNKNOWN for condition, rule in places]
    names = ["ratio_to_untuned", "untuned_low", "untuned_high"]
    more = [name for name in TO_TUNED if name in table]
    return table.join(pd.DataFrame(found, columns=names)).reindex(columns=[*RULES.names(), *more])


def waiting_table(networks: pd.DataFrame) -> pd.DataFrame:
    """Return the Kaplan–Meier curve of every rule under every condition."""
    parts = []
    for name, part in networks.groupby("condition", sort=False):
        for rule, arrived in _arrivals(part).items():
            curve = pd.DataFrame(survival_curve(arrived.trials, arrived.reached)._asdict())
            parts.append(curve.assign(condition=name, learning_rule=rule))
    table = pd.concat(parts, ignore_index=True)
    return table[WAITING.names()]


def pairs_table(networks: pd.DataFrame, counts: Counts) -> pd.DataFrame:
    """Compare every rule with every other of the same condition, network by network; both orders of a pair."""
    rows = []
    for name, part in networks.groupby("condition", sort=False):
        rules, horizon = _arrivals(part), int(part.horizon.max())
        for rule, beside in permutations(rules, 2):
            row = (str(name), rule, beside, *shared_ratio(rules[rule], rules[beside], horizon, counts))
            rows.append(row)
    return pd.DataFrame(rows, columns=PAIRS.names())


def _condition(part: pd.DataFrame, counts: Counts) -> pd.DataFrame:
    """Compare the rules of one condition."""
    rules, horizon = _arrivals(part), int(part.horizon.max())
    table = pd.DataFrame(speed_rows(rules, REFERENCE, horizon, counts))
    gaps = [_gap_closed(rules, rule, horizon, counts) for rule in table.learning_rule]
    of_rule = part.groupby("learning_rule")
    sums = {name: of_rule[name].sum() for name in ("diverged", "trials")}
    means = {"accuracy": of_rule.accuracy_last.mean(), "error": of_rule.error_last.mean()}
    more = {name: table.learning_rule.map(values) for name, values in (sums | means).items()}
    closed = pd.DataFrame(gaps, columns=["gap_closed", "gap_closed_low", "gap_closed_high"])
    table = table.assign(**more, horizon=horizon).join(closed)
    if TUNED not in rules:
        return table
    ratios = [shared_ratio(rules[name], rules[TUNED], horizon, counts)[1:] for name in table.learning_rule]
    return table.join(pd.DataFrame(ratios, columns=TO_TUNED))


def _gap_closed(
    rules: Mapping[str, Arrivals], rule: str, horizon: int, counts: Counts
) -> tuple[float, float, float]:
    """Return the gap closed, over the networks that all three rules have."""
    if not {REFERENCE, CEILING} <= set(rules):
        return UNKNOWN
    three = [_by_network(rules[name], horizon) for name in (rule, REFERENCE, CEILING)]
    joined = pd.concat(three, axis=1, join="inner")
    values, reference, ceiling = joined.to_numpy(float).T
    return gap_closed(values, reference, ceiling, counts[:, joined.index.to_numpy()])


def _with_untuned(
    networks: pd.DataFrame, counts: Counts, tuned: str, untuned: str
) -> dict[str, tuple[float, float, float]]:
    """Compare every rule of one condition with theta_33 of another, network by network."""
    conditions = {str(name): _arrivals(part) for name, part in networks.groupby("condition", sort=False)}
    other = conditions.get(untuned, {}).get(REFERENCE)
    if other is None or tuned not in conditions:
        return {}
    horizon = int(networks[networks.condition.isin([tuned, untuned])].horizon.min())
    found = {}
    for rule, arrived in conditions[tuned].items():
        found[rule] = shared_ratio(arrived, other, horizon, counts)[1:]
    return found


def _by_network(arrivals: Arrivals, horizon: int) -> "pd.Series[float]":
    """Return the trials to criterion up to the horizon, by network."""
    return pd.Series(np.minimum(arrivals.trials, horizon), index=arrivals.network)


def _arrivals(networks: pd.DataFrame) -> dict[str, Arrivals]:
    """Return the arrivals at criterion, by rule."""
    return {
        str(rule): Arrivals(
            part.network.to_numpy(np.int64),
            part.trials_to_criterion.to_numpy(float),
            part.reached.to_numpy(bool),
        )
        for rule, part in networks.groupby("learning_rule", sort=False)
    }
