"""Summaries of the alignment of expected updates with the gradient, over networks."""

import numpy as np
import pandas as pd
from scipy import stats

FEWEST = 3
"""Networks that a mean with an interval needs: with two, the interval is wider than any cosine."""

COLUMNS = ["learning_rule", "trial", "networks", "cosine", "low", "high", "sign_agreement"]


def along_training(table: pd.DataFrame) -> pd.DataFrame:
    """Average over the networks that still learn, at each scheduled snapshot.

    A network that has stopped repeats its last weights in later snapshots; such repeats are left out, so
    that the mean at trial h is over networks that were trained for h trials.

    Parameters
    ----------
    table : DataFrame
        Columns learning_rule, network, snapshot, trial, cosine, signal, sign_agreement.

    Returns
    -------
    DataFrame
        A row per rule and snapshot of three networks or more: trial; networks (count); cosine, low, high
        (mean, 95 % t interval over networks); sign_agreement (mean, 0..1).
    """
    due = table.groupby("snapshot").trial.transform("max")
    live = table[(table.trial == due) & np.isfinite(table.cosine)]
    live = live.drop_duplicates(["learning_rule", "network", "trial"])
    rows = [
        {
            "learning_rule": rule,
            "trial": trial,
            **_mean(part.cosine),
            "sign_agreement": part.sign_agreement.mean(),
        }
        for (rule, trial), part in live.groupby(["learning_rule", "trial"], sort=True)
        if len(part) >= FEWEST
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def per_rule(table: pd.DataFrame) -> pd.DataFrame:
    """Average over training within each network, then over the networks of a rule.

    Returns
    -------
    DataFrame
        A row per rule: networks (count); cosine, low, high (mean and 95 % t interval over networks; NaN
        intervals for one network); signal (mean share of the squared update that is not sampling noise);
        cosine_corrected (cosine / √signal: that of an average over endless trials; NaN where noise hides it).
    """
    sound = table[np.isfinite(table.cosine)].drop_duplicates(["learning_rule", "network", "trial"])
    means = sound.groupby(["learning_rule", "network"], sort=False)[["cosine", "signal"]].mean().reset_index()
    rows = [
        {"learning_rule": rule, **_mean(part.cosine), "signal": part.signal.mean()}
        for rule, part in means.groupby("learning_rule", sort=False)
    ]
    found = pd.DataFrame(rows, columns=["learning_rule", "networks", "cosine", "low", "high", "signal"])
    return found.assign(cosine_corrected=found.cosine / np.sqrt(found.signal.where(found.signal > 0)))


def against_speed(table: pd.DataFrame, criterion: pd.DataFrame) -> pd.DataFrame:
    """Put the alignment of each rule beside its restricted mean trials to criterion (criterion.csv)."""
    speed = criterion[["learning_rule", "restricted_mean", "restricted_mean_low", "restricted_mean_high"]]
    return per_rule(table).merge(speed, on="learning_rule")


def _mean(values: pd.Series) -> dict[str, float]:
    """Give a mean with its 95 % t interval."""
    count, mean = len(values), float(values.mean())
    half = float(stats.t.ppf(0.975, count - 1) * values.std() / count**0.5) if count > 1 else float("nan")
    return {"networks": count, "cosine": mean, "low": mean - half, "high": mean + half}
