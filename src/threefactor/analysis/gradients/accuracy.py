"""The accuracy of the tangents over all rules and networks that were validated, and what it says in words."""

from typing import NamedTuple

import numpy as np
import pandas as pd

LIFETIME = ["learning_rule", "gain", "network"]
QUANTITIES = {
    "reward_tangent": "the reward of the trial",
    "cumulated_reward_tangent": "the cumulated reward",
    "weight_tangent": "the weights",
}
CLAIM = 1e-10
"""Relative error below which tangents count as equal to derivatives that are exact to rounding."""


CHAOS = 0.1
"""Lyapunov exponent, in 1/s, above which a network counts as chaotic: smaller ones may be zero, as measured."""


class Summary(NamedTuple):
    """What the figure shows; each a table of middle, low and high (median, least and largest over lifetimes)."""

    steps: pd.DataFrame  # of the weights, see `by_step`
    gains: pd.DataFrame  # see `by`
    rules: pd.DataFrame  # see `by`
    exponents: pd.DataFrame
    curves: pd.DataFrame


def summary(table: pd.DataFrame, growth: pd.DataFrame) -> Summary:
    """Summarise accuracy.csv and growth.csv, without the errors that are infinite (see `finding`)."""
    table = table[np.isfinite(table.relative_error)]
    return Summary(
        by_step(table, "weight_tangent"),
        by(table, "gain"),
        by(table, "learning_rule"),
        exponents(growth),
        curves(growth),
    )


def by_step(table: pd.DataFrame, quantity: str) -> pd.DataFrame:
    """Summarise how far central differences are off, at each trial and step size, over rules and networks.

    Parameters
    ----------
    table : DataFrame
        accuracy.csv.
    quantity : str
        One of `QUANTITIES`.

    Returns
    -------
    DataFrame
        A row per trial, gain and step_size: middle, low, high (median, least and largest relative error), and exact
        (the median error of float64 tangents against the complex step at that trial and gain).
    """
    own = table[table.quantity == quantity]
    keys = ["trial", "gain"]
    found = _spread(own[own.method == "difference"], [*keys, "step_size"])
    double = own[(own.method == "complex_step") & (own.precision == "float64")]
    exact = double.groupby(keys).relative_error.median().rename("exact").reset_index()
    return found.merge(exact, on=keys, how="left")


def by(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Summarise the largest error of each lifetime over the quantities, at its last trial.

    Parameters
    ----------
    table : DataFrame
        accuracy.csv.
    column : str
        What lifetimes are told apart by: ``gain`` or ``learning_rule``.

    Returns
    -------
    DataFrame
        A row per precision, method and value of the column: middle, low, high (median, least and largest over
        lifetimes; of differences at the step size that is best in each), lifetimes (count).
    """
    return _spread(lifetimes(table), ["precision", "method", column])


def lifetimes(table: pd.DataFrame) -> pd.DataFrame:
    """Return the largest error over quantities at the last trial, a row per lifetime, precision and method.

    Of differences, the step_size is that with the smallest such error.
    """
    keys = [*LIFETIME, "precision", "method"]
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
    """Return the size of the weights' derivative, a row per gain and trial: middle, low, high over lifetimes."""
    return _spread(growth[growth.trial > 0], ["gain", "trial"], "weight_tangent_norm")


def finding(table: pd.DataFrame, growth: pd.DataFrame) -> str:
    """Say in words how accurate the tangents are, and where differences fail (accuracy.csv, growth.csv)."""
    sound = table[np.isfinite(table.relative_error)]
    if sound.empty:
        return "No derivative could be compared."
    worst = lifetimes(sound)
    said = (_exact(sound), _single(worst), _differences(sound, worst), _chaos(worst, growth), _failed(table))
    return " ".join(filter(None, said))


def _failed(table: pd.DataFrame) -> str:
    """Say in how many lifetimes a derivative was lost."""
    lost = table[~np.isfinite(table.relative_error)].groupby(LIFETIME).ngroups
    if not lost:
        return ""
    return (
        f"In {lost} of {table.groupby(LIFETIME).ngroups} lifetimes a derivative was not finite, or not zero where it "
        "should be; such numbers are in none of these figures."
    )


def _exact(table: pd.DataFrame) -> str:
    """Say how far float64 tangents are from exact references, over all trials."""
    double = table[(table.precision == "float64") & (table.method != "difference")]
    worst = double.groupby("method").relative_error.max()
    named = {"reverse": "reverse mode", "autograd": "autograd", "complex_step": "the complex step"}
    parts = [f"{_number(worst[name])} from {word}" for name, word in named.items() if name in worst]
    if not parts:
        return ""
    same = worst.drop("complex_step", errors="ignore").max()
    verdict = "equal" if not same >= CLAIM else f"do NOT equal, to {_number(CLAIM)},"
    rounding = ", whose lifetime rounds otherwise" if worst.get("complex_step", 0) >= CLAIM > same else ""
    return (
        f"Carried forward in float64, tangents {verdict} what reverse mode through learning gives: over "
        f"{table.groupby(LIFETIME).ngroups} lifetimes of up to {table.trial.max()} trials, their relative error is at "
        f"most {', '.join(parts)}{rounding}."
    )


def _single(worst: pd.DataFrame) -> str:
    """Say what float32 costs."""
    single = worst[worst.precision == "float32"].relative_error
    if single.empty:
        return ""
    return (
        f"In float32 the median lifetime ends with an error of {_number(single.median())}, the worst with "
        f"{_number(single.max())}."
    )


def _differences(table: pd.DataFrame, worst: pd.DataFrame) -> str:
    """Say how far differences are off, at their best and at each step size."""
    best = worst[worst.method == "difference"]
    if best.empty:
        return ""
    last = table[(table.method == "difference") & (table.trial == table.trial.max())]
    largest = last.groupby("step_size").relative_error.max()
    off = _number(best.relative_error.median()), _number(best.relative_error.max())
    one = f"step {largest.idxmin():g}, which serves all of them best, leaves {_number(largest.min())} in the worst"
    if len(largest) == 1:
        return f"Central differences with step {largest.index[0]:g} are off by {off[0]} (median), {off[1]} (worst)."
    return (
        f"Central differences at the best of {len(largest)} step sizes in each lifetime are off by {off[0]} in the "
        f"median and {off[1]} in the worst of them; {one}, step {largest.idxmax():g} leaves {_number(largest.max())}."
    )


def _chaos(worst: pd.DataFrame, growth: pd.DataFrame) -> str:
    """Say how the errors stand at the largest Lyapunov exponent."""
    after = growth[growth.lyapunov_exponent.notna() & (growth.trial > 0)]
    pairs = worst.merge(
        after[after.trial == after.trial.max()][[*LIFETIME, "lyapunov_exponent"]], on=LIFETIME
    )
    if pairs.lyapunov_exponent.nunique() < 2:
        return ""
    ends = [pairs.lyapunov_exponent.min(), pairs.lyapunov_exponent.max()]
    least, most = (pairs[pairs.lyapunov_exponent == end] for end in ends)
    said = [
        f"from {_number(_error(least, *key))} to {_number(_error(most, *key))} ({word})"
        for key, word in (
            (("float64", "complex_step"), "tangents"),
            (("float64", "difference"), "best differences"),
        )
        if len(_of(least, *key)) and len(_of(most, *key))
    ]
    gains = [float(part.gain.iloc[0]) for part in (least, most)]
    chaotic = "which is chaotic" if ends[1] > CHAOS else "which is not clearly chaotic"
    return (
        f"Between the networks with the smallest and the largest Lyapunov exponent after learning, {ends[0]:+.2g}/s "
        f"(g = {gains[0]:g}) and {ends[1]:+.2g}/s (g = {gains[1]:g}), {chaotic}, the error goes {', '.join(said)}."
    )


def _of(part: pd.DataFrame, precision: str, method: str) -> pd.Series:
    return part[(part.precision == precision) & (part.method == method)].relative_error


def _error(part: pd.DataFrame, precision: str, method: str) -> float:
    return float(_of(part, precision, method).median())


def _spread(table: pd.DataFrame, keys: list[str], value: str = "relative_error") -> pd.DataFrame:
    """Give median, least and largest value within groups, and their number."""
    grouped = table.groupby(keys, sort=True)[value]
    return grouped.agg(middle="median", low="min", high="max", lifetimes="size").reset_index()


def _number(value: float) -> str:
    """Write an error with one digit."""
    return f"{value:.0e}".replace("e-0", "e-") if np.isfinite(value) else "infinitely much"
