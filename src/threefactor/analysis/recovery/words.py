"""What known-rule recovery found, in words taken from the numbers."""

import pandas as pd

EXACT = "no noise"


def finding(terms: pd.DataFrame, coverage: pd.DataFrame) -> str:
    """State how well hidden rules were recovered (terms.csv, coverage.csv)."""
    if not len(terms):
        return "No rule was hidden."
    known = terms[terms.recovered.notna()]
    noisy = [_noisy(share, rows) for share, rows in coverage.groupby("noise")]
    words = [_exact(known), *noisy, _rates(known), _untold(terms)]
    return " ".join(word for word in words if word)


def _exact(known: pd.DataFrame) -> str:
    """Say how far rules are from the truth without noise."""
    exact = known[known.data == EXACT]
    if not len(exact):
        return ""
    rules = exact.groupby("learning_rule", sort=False)
    errors, terms, trials = rules.relative_error.first(), rules.size().max(), int(exact.trials.max())
    return (
        f"Without noise, θ of {len(errors)} hidden rule{'s' * (len(errors) > 1)} comes back with relative errors of "
        f"{_each(errors, '.0e')}: {terms} terms are looked for in {trials} trials that change weights."
    )


def _noisy(share: object, rows: pd.DataFrame) -> str:
    """Say what noise of one size in the weight changes does."""
    by_rule = rows.set_index("learning_rule")
    told = (
        f"With noise of {share:g} of the changes' root mean square, errors are {_each(by_rule.error, '.2g')} (medians of "
        f"{int(rows.repeats.max())} draws); 95 % intervals hold the truth in {_span(100 * by_rule.coverage)} % of cases"
    )
    alarms = by_rule.false_alarms.dropna()
    if not len(alarms):
        return f"{told}."
    kept = _span(100 * by_rule.found[alarms.index])
    return (
        f"{told}; of rules that lack terms {kept} % of those that they have are found, and any that they have not in "
        f"{_span(100 * alarms)} % of draws."
    )


def _rates(known: pd.DataFrame) -> str:
    """Say what noise in rates and states does, and what a second measurement mends."""
    seen = known[known.data.str.startswith("rates")]
    told = []
    for label, rows in seen[~seen.data.str.endswith("twice")].groupby("data", sort=False):
        once = rows.groupby("learning_rule", sort=False).relative_error.first()
        again = seen[seen.data == f"{label}, twice"]
        twice = again.groupby("learning_rule", sort=False).relative_error.first()
        told.append(f"{label}: {_each(once, '.2g')}, measured twice {_each(twice, '.2g')}")
    return f"Errors by noise in rates and states: {'; '.join(told)}." if told else ""


def _untold(terms: pd.DataFrame) -> str:
    """Name the rules whose terms could not be told apart."""
    names = terms[terms.recovered.isna()].learning_rule.unique()
    return (
        f"The trials of {', '.join(f'``{name}``' for name in names)} cannot tell terms apart."
        if len(names)
        else ""
    )


def _each(values: pd.Series, form: str) -> str:
    """List a number for each rule."""
    return ", ".join(f"``{rule}`` {value:{form}}" for rule, value in values.items())


def _span(values: pd.Series) -> str:
    """Write least and largest."""
    low, high = f"{values.min():.0f}", f"{values.max():.0f}"
    return low if low == high else f"{low} to {high}"
