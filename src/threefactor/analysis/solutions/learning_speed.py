"""How fast each rule brings networks to the criterion, one row a rule, with every network counted (``criterion.csv``)."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from threefactor.analysis.solutions.comparison_columns import CRITERION, SURVIVAL
from threefactor.analysis.solutions.survival import logrank_p, quantile_trial, survival_curve
from threefactor.analysis.solutions.trials_to_criterion import (
    mean_interval,
    paired_ratio,
    restricted_mean,
    wilson_interval,
)
from threefactor.analysis.table import stacked

UNKNOWN = (float("nan"),) * 2
"""An interval that no data support."""

REFERENCE = "theta_33"
"""The rule that others are compared with."""


class Arrivals(NamedTuple):
    """When the networks of one rule got to an event, as the criterion or a level of error.

    Attributes
    ----------
    network : ndarray
        Ids, (n), without repetition.
    trials : ndarray
        Trials until then; all trials that were seen where it did not happen, (n).
    reached : ndarray
        True where it happened, (n).
    """

    network: NDArray[np.int64]
    trials: NDArray[np.float64]
    reached: NDArray[np.bool_]


def speed_row(arrivals: Arrivals, horizon: float, counts: NDArray[np.float64]) -> dict[str, float | int]:
    """Summarise one rule: counts, fraction, restricted mean and quantiles.

    The mean of networks that all count at the horizon has no interval.

    Parameters
    ----------
    arrivals : Arrivals
        Of n networks.
    horizon : float
        Trials after which a network has failed.
    counts : ndarray
        Bootstrap counts of all networks by id, (d, number of ids).
    """
    count, reached = len(arrivals.reached), int(arrivals.reached.sum())
    low, high = wilson_interval(reached, count)
    within = np.minimum(arrivals.trials, horizon)
    mean_low, mean_high = (
        mean_interval(within, counts[:, arrivals.network]) if in_time(arrivals, horizon) else UNKNOWN
    )
    curve = survival_curve(arrivals.trials, arrivals.reached)
    quantiles = {
        name: quantile_trial(curve, q) for name, q in (("median", 0.5), ("iqr_low", 0.25), ("iqr_high", 0.75))
    }
    return {
        "networks": count,
        "reached": reached,
        "reached_fraction": reached / count,
        "reached_low": low,
        "reached_high": high,
        "restricted_mean": restricted_mean(arrivals.trials, horizon),
        "restricted_mean_low": mean_low,
        "restricted_mean_high": mean_high,
        **quantiles,
    }


def versus(
    arrivals: Arrivals, reference: Arrivals, horizon: float, counts: NDArray[np.float64]
) -> tuple[float, float, float, float]:
    """Compare two rules on the networks that they share.

    Parameters
    ----------
    arrivals, reference : Arrivals
        Of the rule and of the reference rule.
    horizon : float
        Trials after which a network has failed.
    counts : ndarray
        Bootstrap counts of all networks by id, (d, number of ids).

    Returns
    -------
    tuple of float
        Ratio of restricted means with its 95 % paired interval, and the log-rank p (of all networks).
    """
    networks, ratio, low, high = shared_ratio(arrivals, reference, horizon, counts)
    if not networks:
        return (float("nan"),) * 4
    p = logrank_p(arrivals.trials, arrivals.reached, reference.trials, reference.reached)
    return ratio, low, high, p


def shared_ratio(
    arrivals: Arrivals, reference: Arrivals, horizon: float, counts: NDArray[np.float64]
) -> tuple[int, float, float, float]:
    """Count the networks that two rules share, and give the ratio of restricted means there with its 95 % interval.

    The arguments are those of `versus`; NaN where no network is shared, or none arrived under either rule.
    """
    shared, mine, other = np.intersect1d(arrivals.network, reference.network, return_indices=True)
    if not len(shared) or not in_time(arrivals, horizon, mine) | in_time(reference, horizon, other):
        return len(shared), *(float("nan"),) * 3
    pair = [np.minimum(a.trials[at], horizon) for a, at in ((arrivals, mine), (reference, other))]
    return len(shared), *paired_ratio(pair[0], pair[1], counts[:, shared])


def in_time(arrivals: Arrivals, horizon: float, at: NDArray[np.intp] | slice = slice(None)) -> bool:
    """Say whether any network, of those at these places, arrived by the horizon; else all values are censored."""
    return bool((arrivals.reached[at] & (arrivals.trials[at] <= horizon)).any())


def speed_rows(
    rules: Mapping[str, Arrivals], reference: str, horizon: float, counts: NDArray[np.float64]
) -> list[dict[str, float | int | str]]:
    """Summarise every rule and compare it with a reference rule (NaN if that is absent), one row a rule."""
    rows: list[dict[str, float | int | str]] = []
    for rule, arrivals in rules.items():
        against = rules.get(reference, Arrivals(np.empty(0, np.int64), np.empty(0), np.empty(0, bool)))
        ratio, low, high, p = versus(arrivals, against, horizon, counts)
        row = {"learning_rule": rule, **speed_row(arrivals, horizon, counts)}
        rows.append(row | {"ratio": ratio, "ratio_low": low, "ratio_high": high, "logrank_p": p})
    return rows


def criterion_table(retrained: pd.DataFrame, horizon: int, counts: NDArray[np.float64]) -> pd.DataFrame:
    """Compare how fast the rules reach the criterion, every retrained network counted.

    Parameters
    ----------
    retrained : DataFrame
        All retrained networks: learning_rule, network, reached, trials_to_criterion, accuracy_last.
    horizon : int
        Trials after which a network has failed.
    counts : ndarray
        Bootstrap counts of the initialisations by id, (d, ids).
    """
    table = pd.DataFrame(speed_rows(_at_criterion(retrained), REFERENCE, horizon, counts))
    accuracy = retrained.groupby("learning_rule").accuracy_last.mean()
    table = table.rename(columns={"ratio": "ratio_to_theta_33"})
    return stacked([table.assign(accuracy=table.learning_rule.map(accuracy), horizon=horizon)], CRITERION)


def survival_table(retrained: pd.DataFrame) -> pd.DataFrame:
    """Give the Kaplan–Meier curve of every rule to the criterion."""
    return stacked(survival_curves(_at_criterion(retrained)), SURVIVAL)


def survival_curves(rules: Mapping[str, Arrivals]) -> list[pd.DataFrame]:
    """Give the Kaplan–Meier curve of every rule, a table each."""
    return [
        pd.DataFrame(survival_curve(one.trials, one.reached)._asdict()).assign(learning_rule=rule)
        for rule, one in rules.items()
    ]


def arrivals_by_rule(table: pd.DataFrame, trials: str, reached: str) -> dict[str, Arrivals]:
    """Take when networks got somewhere from two columns of a table with a row per network, rule by rule."""
    return {
        str(rule): Arrivals(
            part.network.to_numpy(np.int64), part[trials].to_numpy(float), part[reached].to_numpy(bool)
        )
        for rule, part in table.groupby("learning_rule", sort=False)
    }


def _at_criterion(retrained: pd.DataFrame) -> dict[str, Arrivals]:
    return arrivals_by_rule(retrained, "trials_to_criterion", "reached")
