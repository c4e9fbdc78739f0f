"""Learning speed of every rule under every condition; every network counts, also those that never learned."""

from collections.abc import Mapping
from itertools import permutations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from threefactor.analysis.solutions.learning_speed import REFERENCE, Arrivals, shared_ratio, speed_rows
from threefactor.analysis.solutions.survival import survival_curve
from threefactor.analysis.transfer.ceiling import UNKNOWN, gap_closed
from threefactor.analysis.transfer.condition_columns import CEILING, PAIRS, RULES, TO_TUNED, TUNED, WAITING

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
