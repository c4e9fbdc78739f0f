"""Numbers that the caption of parameter recovery states."""

from typing import Any

import pandas as pd


def findings(terms: pd.DataFrame, coverage: pd.DataFrame) -> dict[str, Any]:
    """Summarise how well ground-truth rules are recovered.

    Parameters
    ----------
    terms, coverage : DataFrame
        As stage ``recover`` writes them.

    Returns
    -------
    dict
        rules: number; exact: relative error by rule without noise, with the numbers of terms and trials, or None;
        changes: a dict per size of noise in the weight changes; rates: a dict per size of noise in rates and states;
        collinear: rules whose terms are collinear in their trials.
    """
    known = terms[terms.recovered.notna()]
    return {
        "rules": int(terms.learning_rule.nunique()),
        "exact": _exact(known[known.noise_in == "nothing"]),
        "changes": [_changes(noise, rows) for noise, rows in coverage.groupby("noise")],
        "rates": [
            _rates(noise, rows)
            for noise, rows in known[known.noise_in == "rates"].groupby("noise", sort=False)
        ],
        "collinear": [str(rule) for rule in terms[terms.recovered.isna()].learning_rule.unique()],
    }


def _exact(exact: pd.DataFrame) -> dict[str, Any] | None:
    """Summarise what is recovered without noise."""
    if not len(exact):
        return None
    terms = exact.groupby("learning_rule", sort=False).size().max()
    return {"error": _errors(exact), "terms": int(terms), "trials": int(exact.trials.max())}


def _changes(noise: Any, rows: pd.DataFrame) -> dict[str, Any]:
    """Summarise the effect of noise of one size in the weight changes."""
    by_rule = rows.set_index("learning_rule")
    alarms = by_rule.false_alarms.dropna()
    return {
        "noise": float(noise),
        "error": {str(rule): float(error) for rule, error in by_rule.error.items()},
        "repeats": int(rows.repeats.max()),
        "coverage": _range(by_rule.coverage),
        "found": _range(by_rule.found[alarms.index]) if len(alarms) else None,
        "false_alarms": _range(alarms) if len(alarms) else None,
    }


def _rates(noise: Any, rows: pd.DataFrame) -> dict[str, Any]:
    """Summarise the effect of noise of one size in rates and states, measured once and twice."""
    once, twice = (_errors(rows[rows.measurements == count]) for count in (1, 2))
    return {"noise": float(noise), "once": once, "twice": twice}


def _errors(rows: pd.DataFrame) -> dict[str, float]:
    """Return the relative error of each rule."""
    errors = rows.groupby("learning_rule", sort=False).relative_error.first()
    return {str(rule): float(error) for rule, error in errors.items()}


def _range(values: "pd.Series[float]") -> list[float]:
    """Return the least and the largest value."""
    return [float(values.min()), float(values.max())]
