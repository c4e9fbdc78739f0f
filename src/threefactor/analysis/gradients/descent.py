"""How far a step along an expected update raises the reward as the gradient predicts (``align/*/*.descent.csv``)."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

HALF = 0.5
"""Share of the predicted change at which the linear prediction is taken to have failed."""

AT = ["learning_rule", "direction", "network", "snapshot"]

COLUMNS = [
    *("learning_rule", "direction", "snapshots", "failed", "helped"),
    *("reach", "reach_low", "reach_high"),
]
"""Of `reach`."""


def by_length(table: pd.DataFrame) -> pd.DataFrame:
    """Average over snapshots within each network, then over networks.

    Parameters
    ----------
    table : DataFrame
        learning_rule, network, snapshot, direction, step, change, predicted.

    Returns
    -------
    DataFrame
        A row per rule, direction and step: networks (count); change, low, high (of the mean reward, mean and 95 % t
        interval over networks); predicted (mean); ratio (change / predicted of these means).
    """
    keys = ["learning_rule", "direction", "step"]
    means = table.groupby([*keys, "network"], sort=False)[["change", "predicted"]].mean().reset_index()
    rows = []
    for values, part in means.groupby(keys, sort=False):
        count, change, predicted = len(part), part.change.mean(), part.predicted.mean()
        half = stats.t.ppf(0.975, count - 1) * part.change.std() / count**0.5 if count > 1 else float("nan")
        row = {"networks": count, "change": change, "low": change - half, "high": change + half}
        rows.append(dict(zip(keys, values, strict=True)) | row | _prediction(change, predicted))
    columns = [*keys, "networks", "change", "low", "high", "predicted", "ratio"]
    return pd.DataFrame(rows, columns=columns)


def reach(table: pd.DataFrame) -> pd.DataFrame:
    """Find how far the linear prediction holds, and how often the smallest step helps.

    The reach is the length at which the measured change falls below `HALF` of the predicted one, between two lengths
    of the settings on a logarithmic scale; the longest length where it never does.

    Returns
    -------
    DataFrame
        A row per rule and direction: snapshots (count, of all networks), failed (those whose rewards are not
        finite, count, in none of the following); helped (share whose reward the smallest step raised); reach, reach_low,
        reach_high (median and quartiles, in norms of W, over those where the prediction is upwards).
    """
    ordered = table.sort_values("step", kind="stable")
    single = ordered.groupby(AT, sort=False).agg(
        first=("change", "first"), upwards=("predicted", "first"), steps=("step", "count")
    )
    single["reach"] = [
        _reach(part.step.to_numpy(), part.change.to_numpy(), part.predicted.to_numpy())
        for _, part in ordered.groupby(AT, sort=False)
    ]
    rows = []
    for (rule, direction), part in single.groupby(["learning_rule", "direction"], sort=False):
        sound = part[np.isfinite(part["first"]) & np.isfinite(part.upwards)]
        low, middle, high = _quartiles(sound.reach[sound.upwards > 0].to_numpy())
        rows.append(
            {
                "learning_rule": rule,
                "direction": direction,
                "snapshots": len(part),
                "failed": len(part) - len(sound),
                "helped": float((sound["first"] > 0).mean()) if len(sound) else float("nan"),
                "reach": middle,
                "reach_low": low,
                "reach_high": high,
            }
        )
    return pd.DataFrame(rows, columns=COLUMNS).astype(dict.fromkeys(COLUMNS[4:], float))


def _prediction(change: float, predicted: float) -> dict[str, float]:
    return {"predicted": predicted, "ratio": change / predicted if predicted else float("nan")}


def _reach(step: NDArray[np.float64], change: NDArray[np.float64], predicted: NDArray[np.float64]) -> float:
    """Return the length at which the change falls below `HALF` of the prediction; all by increasing step."""
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = change / predicted
    below = np.flatnonzero(~(ratio >= HALF))
    if not len(below):
        return float(step[-1])
    at = below[0]
    if at == 0:
        return float(step[0])
    share = (ratio[at - 1] - HALF) / (ratio[at - 1] - ratio[at])
    return float(np.exp(np.log(step[at - 1]) + share * np.log(step[at] / step[at - 1])))


def _quartiles(values: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return lower quartile, median and upper quartile; NaN of nothing."""
    if not len(values):
        return float("nan"), float("nan"), float("nan")
    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75])
    return float(low), float(middle), float(high)
