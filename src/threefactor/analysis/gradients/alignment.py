"""Cosines of the expected updates of rules with the gradient and with each other, over networks (``align/*/*.csv``)."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from threefactor.analysis.gradients.noise_corrected import mean_cosine

ALL, WEIGHTED = "all", "weighted"
CONTROL = "shuffled"
TERM = "term_"
STATISTICS = ["networks", "uncorrected", "signal", "noise_corrected", "low", "high"]
FEWEST = 4
"""Rules that a correlation across rules needs."""


def own(table: pd.DataFrame) -> pd.DataFrame:
    """Keep the rows of the rule that the networks were trained by."""
    return table[table.compared == table.learning_rule]


def along_training(table: pd.DataFrame) -> pd.DataFrame:
    """Summarise each rule's own update at each snapshot.

    Returns
    -------
    DataFrame
        A row per rule and trial: sign_agreement (mean, 0..1), and what `mean_cosine` gives.
    """
    kept = own(table)
    return _summed(kept[kept.trial_type == ALL], ["learning_rule", "trial"])


def per_rule(table: pd.DataFrame) -> pd.DataFrame:
    """Summarise each rule's own update over its training; a row per rule."""
    kept = own(table)
    return _summed(kept[kept.trial_type == ALL], ["learning_rule"])


def by_type(table: pd.DataFrame) -> pd.DataFrame:
    """Summarise each rule's own update over its training, for each trial type and for all; a row per rule and type."""
    return _summed(own(table), ["learning_rule", "trial_type"])


def at_same_weights(table: pd.DataFrame, along: str) -> pd.DataFrame:
    """Summarise the updates of all compared rules at the weights of one rule's training; a row per compared rule."""
    kept = table[(table.learning_rule == along) & (table.trial_type == ALL)]
    kept = kept[~kept.compared.str.startswith(TERM)]
    return _summed(kept, ["compared"]).rename(columns={"compared": "learning_rule"})


def matrix(similarity: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Return the cosine of each pair of rules, and of each rule with the gradient, over all snapshots.

    A network counts once, whichever rules trained it: at the start its weights are the same, and its perturbations
    always are.

    Parameters
    ----------
    similarity : DataFrame
        learning_rule, network, snapshot, first, second, cosine, overlap.
    table : DataFrame
        As above.

    Returns
    -------
    DataFrame
        A row per pair, ``gradient`` being second in some and ``shuffled`` first in one: first, second, and
        `mean_cosine`'s.
    """
    at = ["learning_rule", "network", "snapshot"]
    whole = table[(table.trial_type == ALL) & ~table.compared.str.startswith(TERM)]
    signal = whole[[*at, "compared", "signal"]]
    pairs = similarity[~similarity["first"].str.startswith(TERM) & ~similarity["second"].str.startswith(TERM)]
    pairs = pairs.merge(signal.rename(columns={"compared": "first"}), on=[*at, "first"]).merge(
        signal.rename(columns={"compared": "second", "signal": "other_signal"}), on=[*at, "second"]
    )
    follows = whole.rename(columns={"compared": "first", "gradient_signal": "other_signal"})
    both = pd.concat([pairs, follows.assign(second="gradient")], ignore_index=True)
    return _summed(both, ["first", "second"])


def against_speed(table: pd.DataFrame, criterion: pd.DataFrame) -> pd.DataFrame:
    """Put the alignment of each rule beside its restricted mean trials to criterion (criterion.csv)."""
    speed = criterion[["learning_rule", "restricted_mean", "restricted_mean_low", "restricted_mean_high"]]
    return per_rule(table).merge(speed, on="learning_rule")


def correlation(speed: pd.DataFrame, column: str, without: Sequence[str] = ()) -> dict[str, float]:
    """Correlate an alignment with the logarithm of the restricted mean, across rules.

    Parameters
    ----------
    speed : DataFrame
        Of `against_speed`.
    column : str
        ``uncorrected`` or ``noise_corrected``.
    without : sequence of str
        Rules that are left out.

    Returns
    -------
    dict
        rules (count); estimate, low, high (Pearson's r, 95 % by Fisher's transform); rank (Spearman's).
    """
    kept = speed[np.isfinite(speed[column]) & ~speed.learning_rule.isin(without)]
    found = {"rules": len(kept), "estimate": np.nan, "low": np.nan, "high": np.nan, "rank": np.nan}
    if len(kept) < FEWEST or kept[column].nunique() < 2 or kept.restricted_mean.nunique() < 2:
        return found
    trials = np.log(kept.restricted_mean)
    fit = stats.pearsonr(kept[column], trials)
    low, high = fit.confidence_interval(0.95)
    rank = float(stats.spearmanr(kept[column], trials).statistic)
    return found | {"estimate": float(fit.statistic), "low": float(low), "high": float(high), "rank": rank}


def within_types(types: pd.DataFrame) -> pd.Series:
    """Return the mean noise-corrected cosine over single trial types, by rule; of rules that are resolved in each.

    Parameters
    ----------
    types : DataFrame
        From `by_type`.
    """
    single = types[~types.trial_type.isin([ALL, WEIGHTED])]
    cosines = single.groupby("learning_rule", sort=False).noise_corrected
    return cosines.mean()[cosines.apply(lambda values: values.notna().all())]


def _summed(table: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return `mean_cosine` of each group, and the mean agreement of signs where it is known."""
    known = table.rename(columns={"gradient_signal": "other_signal"})
    rows = []
    for values, part in known.groupby(keys, sort=False):
        row = dict(zip(keys, values, strict=True)) | mean_cosine(part)
        if "sign_agreement" in part:
            row["sign_agreement"] = float(part.sign_agreement.mean())
        rows.append(row)
    columns = [*keys, *STATISTICS, *(["sign_agreement"] if "sign_agreement" in known else [])]
    numbers = [name for name in columns if name not in (*keys, "networks")]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(numbers, float))
