"""Which estimator to take, and which biases are seen, in words taken from the numbers."""

import numpy as np
import pandas as pd

from threefactor.analysis.gradients.estimators import ENOUGH, NORM, curves, needed, shares

BIASES = {
    "Double counting (``score_total``)": "score_total",
    "The bias of the running average as baseline (``score_local`` with it)": "score_local_running",
}
NEVER = 1e9
"""A number of networks, or of seconds, that nobody has: 30 years."""

OFFERED = ("reverse", "pathwise", "evolution", "score_local", "score_total")


def finding(table: pd.DataFrame, errors: pd.DataFrame) -> str:
    """State the finding at the longest horizon.

    Parameters
    ----------
    table, errors
        Rows of ``estimate/<regime>.csv`` and of ``estimate/<regime>.errors.csv``, of all regimes.
    """
    whole = int(table.networks[table.term == NORM].sum())
    if not whole:
        return "Nothing was estimated."
    last, climbed = table[table.horizon == table.horizon.max()], shares(table)
    climbed = climbed[(climbed.horizon == table.horizon.max()) & (climbed.noise == table.noise.iloc[0])]
    over = f"{table.horizon.max()} trials and {last.networks.max():.0f} networks"
    found = needed(last)
    first = found[(found.noise == found.noise.iloc[0]) & found.estimator.isin(OFFERED)]
    words = [_bias(name, climbed[climbed.estimator == key], over) for name, key in BIASES.items()]
    words += [_choice(first), _noise(found), _robust(curves(errors)), _failures(table, whole)]
    return " ".join(word for word in words if word)


def _bias(name: str, climbed: pd.DataFrame, over: str) -> str:
    """Say what one bias does in every regime."""
    if not len(climbed):
        return ""
    seen = climbed.regime[(climbed.share_low > 1) | (climbed.share_high < 1)]
    verdict = f"is seen ({', '.join(seen)})" if len(seen) else "is not seen"
    told = [
        f"{r.share:.2f} [{r.share_low:.2f}, {r.share_high:.2f}] ({r.regime})" for r in climbed.itertuples()
    ]
    return (
        f"{name} {verdict}: over {over} the estimator's mean has this share of the gradient along the gradient itself: "
        f"{', '.join(told)}."
    )


def _choice(first: pd.DataFrame) -> str:
    """Say what each estimator needs in every regime, and which is cheapest."""
    told = []
    for name in [name for name in OFFERED if name in set(first.estimator)]:
        rows = first[first.estimator == name]
        told.append(f"``{name}`` {', '.join(_need(row) for row in rows.itertuples())}")
    able = first[np.isfinite(first.seconds_needed)]
    best = able.loc[able.groupby("regime", sort=False).seconds_needed.idxmin()]
    taken = [f"``{row.estimator}`` ({row.regime})" for row in best.itertuples()] or ["none"]
    return (
        f"Networks (seconds of one core) that bring the error to {ENOUGH:g} of the gradient's norm: {'; '.join(told)}. "
        f"Cheapest and so the one to take: {', '.join(taken)}."
    )


def _need(row: object) -> str:
    """Write what an estimator needs in one regime."""
    networks, seconds, regime = row.networks_needed, row.seconds_needed, row.regime  # type: ignore[attr-defined]
    if not np.isfinite(networks):
        return f"{'no number, its bias being larger' if np.isinf(networks) else 'unknown'} in {regime}"
    return f"{_few(networks)} ({_few(seconds)} s) in {regime}"


def _few(value: float) -> str:
    """Write a positive number with two digits that matter."""
    if value > NEVER:
        return f"more than {NEVER:.0e}"
    return f"{value:.2g}" if value < 100 else f"{value:,.0f}" if value < 1e5 else f"{value:.0e}"


def _noise(found: pd.DataFrame) -> str:
    """Say what more weight noise does to the local score estimator."""
    least, most = found.noise.min(), found.noise.max()
    rows = found[
        (found.estimator == "score_local") & (found.noise == most) & np.isfinite(found.networks_needed)
    ]
    if least == most or not len(rows):
        return ""
    told = ", ".join(f"{_few(row.networks_needed)} in {row.regime}" for row in rows.itertuples())
    return f"With weight noise of {most:g} instead of {least:g} updates ``score_local`` needs {told}."


def _robust(drawn: pd.DataFrame) -> str:
    """Say what shortening long gradients does to the error of `reverse`, averaged over few and over many networks."""
    own = drawn[
        (drawn.noise == drawn.noise.iloc[0]) & (drawn.estimator == "reverse") & drawn.relative.notna()
    ]
    own = own[own.networks > 1]
    own = own[own.networks.isin([own.networks.min(), own.networks.max()])]
    told = [
        f"{r.relative_clipped:.2f} instead of {r.relative:.2f} over {r.networks} networks ({r.regime})"
        for r in own.itertuples()
    ]
    return (
        f"Shortening long gradients to the median norm makes the error of ``reverse`` {', '.join(told)}."
        if told
        else ""
    )


def _failures(table: pd.DataFrame, whole: int) -> str:
    """Count the estimates that were not finite."""
    failed = int(table.failed[table.term == NORM].sum())
    if not failed:
        return f"All {whole} estimates were finite."
    return f"{failed} of {whole} estimates {'was' if failed == 1 else 'were'} not finite."
