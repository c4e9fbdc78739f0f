"""The accuracy of the tangents over all rules and networks that were validated (``validate/*.csv``).

A learning run is one rule in one network of one gain.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

RUN = ["learning_rule", "gain", "network"]
"""Columns that tell learning runs apart."""

CLAIM = 1e-10
"""Relative error below which tangents count as equal to derivatives that are exact to rounding."""

CHAOS = 0.1
"""Lyapunov exponent, in 1/s, above which a network counts as chaotic: smaller ones may be zero, as measured."""


class Summary(NamedTuple):
    """What the figure shows; each a table of middle, low and high (median, least and largest over learning runs)."""

    steps: pd.DataFrame  # of the weights, see `by_step`
    gains: pd.DataFrame  # see `by`
    rules: pd.DataFrame  # see `by`
    exponents: pd.DataFrame
    curves: pd.DataFrame


def summary(table: pd.DataFrame, growth: pd.DataFrame) -> Summary:
    """Summarise accuracy.csv and growth.csv, without the errors that are infinite."""
    table = finite(table)
    return Summary(
        by_step(table, "weight_tangent"),
        by(table, "gain"),
        by(table, "learning_rule"),
        exponents(growth),
        curves(growth),
    )


def finite(table: pd.DataFrame) -> pd.DataFrame:
    """Keep, of accuracy.csv, the errors that are finite."""
    return table[np.isfinite(table.relative_error)]


def by_step(table: pd.DataFrame, quantity: str) -> pd.DataFrame:
    """Summarise the error of central differences at each trial and step size, over rules and networks.

    Parameters
    ----------
    table : DataFrame
        accuracy.csv.
    quantity : str
        ``reward_tangent``, ``cumulated_reward_tangent`` or ``weight_tangent``.

    Returns
    -------
    DataFrame
        A row per trial, gain and step_size: middle, low, high (median, least and largest relative error), and exact
        (the median error of float64 tangents against the complex step at that trial and gain).
    """
    wanted = table[table.quantity == quantity]
    keys = ["trial", "gain"]
    found = _spread(wanted[wanted.method == "difference"], [*keys, "step_size"])
    double = wanted[(wanted.method == "complex_step") & (wanted.precision == "float64")]
    exact = double.groupby(keys).relative_error.median().rename("exact").reset_index()
    return found.merge(exact, on=keys, how="left")


def by(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Summarise the largest error of each learning run over the quantities, at its last trial.

    Parameters
    ----------
    table : DataFrame
        accuracy.csv.
    column : str
        What learning runs are grouped by: ``gain`` or ``learning_rule``.

    Returns
    -------
    DataFrame
        A row per precision, method and value of the column: middle, low, high (median, least and largest over
        learning runs; of differences at the step size that is best in each), runs (count).
    """
    return _spread(largest(table), ["precision", "method", column])


def largest(table: pd.DataFrame) -> pd.DataFrame:
    """Return the largest error over quantities at the last trial, a row per learning run, precision and method.

    Of differences, the step_size is that with the smallest such error.
    """
    keys = [*RUN, "precision", "method"]
    last = table[table.trial == table.groupby("method").trial.transform("max")]
    worst = last.groupby([*keys, "step_size"], dropna=False, sort=False).relative_error.max().reset_index()
    return worst.sort_values("relative_error", kind="stable").drop_duplicates(keys).sort_index()


def exponents(growth: pd.DataFrame) -> pd.DataFrame:
    """Return the Lyapunov exponents by gain, a row per gain before and after learning: middle, low, high (1/s)."""
    known = growth[growth.lyapunov_exponent.notna()]
    ends = known[known.trial.isin([0, known.trial.max()])]
    named = ends.assign(when=np.where(ends.trial == 0, "before", "after"))
    return _spread(named, ["gain", "when"], "lyapunov_exponent")


def curves(growth: pd.DataFrame) -> pd.DataFrame:
    """Return the size of the weights' derivative, a row per gain and trial: middle, low, high over learning runs."""
    return _spread(growth[growth.trial > 0], ["gain", "trial"], "weight_tangent_norm")


def largest_by_method(table: pd.DataFrame) -> dict[str, float]:
    """Return the largest error of float64 tangents over all trials, by the method that they are compared with."""
    exact = table[(table.precision == "float64") & (table.method != "difference")]
    return {str(name): float(error) for name, error in exact.groupby("method").relative_error.max().items()}


def largest_by_step(table: pd.DataFrame) -> dict[float, float]:
    """Return the largest error of differences at the last trial, by step size."""
    last = table[(table.method == "difference") & (table.trial == table.trial.max())]
    return {
        float(step): float(error) for step, error in last.groupby("step_size").relative_error.max().items()
    }


def at_extreme_exponents(worst: pd.DataFrame, growth: pd.DataFrame) -> pd.DataFrame:
    """Return the median errors at the smallest and the largest Lyapunov exponent after learning.

    Parameters
    ----------
    worst : DataFrame
        From `largest`.
    growth : DataFrame
        growth.csv.

    Returns
    -------
    DataFrame
        Two rows, without two different exponents none: exponent (1/s), gain, tangents and differences (median error of
        float64 tangents against the complex step, and of differences at their best).
    """
    after = growth[growth.lyapunov_exponent.notna() & (growth.trial > 0)]
    last = after[after.trial == after.trial.max()][[*RUN, "lyapunov_exponent"]]
    pairs = worst[worst.precision == "float64"].merge(last, on=RUN)
    columns = ["exponent", "gain", "tangents", "differences"]
    if pairs.lyapunov_exponent.nunique() < 2:
        return pd.DataFrame(columns=columns)
    rows = []
    for end in (pairs.lyapunov_exponent.min(), pairs.lyapunov_exponent.max()):
        part = pairs[pairs.lyapunov_exponent == end]
        tangents, differences = (
            float(part[part.method == method].relative_error.median())
            for method in ("complex_step", "difference")
        )
        rows.append((float(end), float(part.gain.iloc[0]), tangents, differences))
    return pd.DataFrame(rows, columns=columns)


def _spread(table: pd.DataFrame, keys: list[str], value: str = "relative_error") -> pd.DataFrame:
    """Give median, least and largest value within groups, and their number."""
    grouped = table.groupby(keys, sort=True)[value]
    return grouped.agg(middle="median", low="min", high="max", runs="size").reset_index()
