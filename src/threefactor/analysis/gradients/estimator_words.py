"""Which estimator to take, and which biases are seen, in words taken from the numbers."""

import numpy as np
import pandas as pd

from threefactor.analysis.gradients.estimators import ENOUGH, NORM, curves, needed, shares

BIASES = {
    "double counting (``score_total``)": "score_total",
    "the running average as baseline (``score_local`` with it)": "score_local_running",
    "both together": "score_total_running",
}
OFFERED = ("pathwise", "reverse", "evolution", "score_local", "score_total")


def finding(table: pd.DataFrame, errors: pd.DataFrame) -> str:
    """State the finding.

    Parameters
    ----------
    table, errors
        Rows of ``estimate/<regime>.csv`` and of ``estimate/<regime>.errors.csv``, of all regimes.
    """
    climbed = shares(table)
    last = needed(table)
    last = last[(last.horizon == last.horizon.max()) & last.estimator.isin(OFFERED)]
    first = last[last.noise == last.noise.iloc[0]] if len(last) else last
    words = [_bias(name, climbed[climbed.estimator == key]) for name, key in BIASES.items()]
    words += [_choice(rows) for _, rows in first.groupby("regime", sort=False)]
    words += [_robust(rows) for _, rows in curves(errors).groupby("regime", sort=False)]
    words.append(_noise(last))
    words.append(_failures(table))
    return " ".join(word for word in words if word)


def _bias(name: str, climbed: pd.DataFrame) -> str:
    """Say what one bias does, in every regime at the shortest and the longest horizon, with the smallest noise."""
    if not len(climbed):
        return ""
    own = climbed[climbed.noise == climbed.noise.iloc[0]]
    ends = own[own.horizon.isin([own.horizon.min(), own.horizon.max()])]
    told = [f"{_number(row)} ({row.regime}, {row.horizon} trials)" for row in ends.itertuples()]
    apart = [(row.share_low > 1) or (row.share_high < 1) for row in own.itertuples()]
    verdict = {True: "is seen", False: "is not seen"}[any(apart)]
    verdict += f" in {sum(apart)} of {len(apart)} cases" if any(apart) else f" in any of {len(apart)} cases"
    return f"The bias of {name} {verdict}: on average the estimator climbs {', '.join(told)} of the gradient."


def _number(row: object) -> str:
    return f"{row.share:.2f} [{row.share_low:.2f}, {row.share_high:.2f}]"  # type: ignore[attr-defined]


def _choice(rows: pd.DataFrame) -> str:
    """Say what each estimator needs in one regime, and which is cheapest."""
    regime, horizon = rows.regime.iloc[0], rows.horizon.iloc[0]
    able = rows[np.isfinite(rows.networks_needed) & np.isfinite(rows.seconds_needed)]
    never = rows.estimator[np.isinf(rows.networks_needed)]
    words = (
        f"For an error of {ENOUGH:g} of the gradient's norm over {horizon} trials of {regime} plasticity, "
    )
    if not len(able):
        return words + "no estimator is good enough, whatever it is given."
    told = [
        f"``{r.estimator}`` {_few(r.networks_needed)} ({_few(r.seconds_needed)} s)" for r in able.itertuples()
    ]
    best = able.loc[able.seconds_needed.idxmin()]
    words += f"networks (seconds of one core) needed are: {', '.join(told)}; take ``{best.estimator}``."
    if len(never):
        words += f" {', '.join(f'``{name}``' for name in never)} cannot get there: the bias is larger."
    return words


def _robust(rows: pd.DataFrame) -> str:
    """Say from how many networks on shortening long gradients is worse than the plain mean, for `reverse`."""
    own = rows[(rows.noise == rows.noise.iloc[0]) & (rows.estimator == "reverse") & (rows.networks > 1)]
    if own.relative.isna().all():
        return ""
    told = ", ".join(
        f"{r.relative_robust:.2f} against {r.relative:.2f} over {r.networks}" for r in own.itertuples()
    )
    return (
        "Shortening long gradients to the median norm makes the error of ``reverse`` in "
        f"{rows.regime.iloc[0]} plasticity {told} networks."
    )


def _few(value: float) -> str:
    """Write a positive number with two digits that matter."""
    return f"{value:.2g}" if value < 100 else f"{value:,.0f}" if value < 1e5 else f"{value:.0e}"


def _noise(last: pd.DataFrame) -> str:
    """Say what more weight noise does to the local score estimator."""
    words = []
    for regime, rows in last[last.estimator == "score_local"].groupby("regime", sort=False):
        if len(rows) > 1:
            a, b = rows.iloc[0], rows.iloc[-1]
            words.append(
                f"{regime}: {_few(a.networks_needed)} networks at {a.noise:g}, {_few(b.networks_needed)} at {b.noise:g}"
            )
    told = "; ".join(words)
    return f"Weight noise (share of the update) is what the score estimators see by: {told}." if told else ""


def _failures(table: pd.DataFrame) -> str:
    """Count the estimates that were not finite."""
    rows = table[table.term == NORM]
    failed, whole = int(rows.failed.sum()), int(rows.networks.sum())
    if not whole:
        return "Nothing was estimated."
    return f"{failed or 'None'} of {whole} estimates {'was' if failed == 1 else 'were'} not finite."
