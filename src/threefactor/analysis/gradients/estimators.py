"""Estimators of the meta-gradient compared with the truth: bias, spread, error by number of networks, and cost."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from scipy import stats
from torch import Generator, Tensor

from threefactor.contract import MetaGradient
from threefactor.metalearning.ascent import average

Array = NDArray[np.float64]

TRUTH, MEAN_OF = "difference", "mean_of_"
ALONG, NORM = "along", "norm"
"""Beside the terms: the component along the truth, and the norm over all terms."""

NETWORKS = (1, 10, 100, 1000)
"""Numbers of networks that are averaged."""


def compare(
    samples: Mapping[str, Tensor],
    terms: Sequence[str],
    seconds: Mapping[str, float],
    resamples: int,
    *,
    generator: Generator,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Compare estimators on the same networks.

    Parameters
    ----------
    samples : mapping of str to Tensor
        Gradients b p by estimator; ``difference`` is the truth, ``mean_of_<estimator>`` the mean of an estimator over
        the noise that makes its spread, where that is known.
    terms : sequence of str
        Names of the p components.
    seconds : mapping of str to float
        Per network and trial, by estimator.
    resamples : int
        Draws of networks, with repetition, for the average of clipped gradients.
    generator : Generator
        Of these draws.

    Returns
    -------
    estimators, errors : DataFrame
        The columns of ``estimate/<plasticity_strength>.csv`` and ``estimate/<plasticity_strength>.errors.csv`` without
        strength, noise and horizon; seconds are per network and trial in both.
    """
    arrays = {name: value.numpy() for name, value in samples.items()}
    tables, errors = [], []
    for name in arrays:
        if name.startswith(MEAN_OF):
            continue
        rows = _rows(arrays, name, terms)
        table = pd.DataFrame(rows).assign(estimator=name, seconds=seconds[name])
        bias, spread = _remaining_bias(arrays, name), table[table.term == NORM].deviation.iloc[0]
        size = float(table[table.term == NORM].truth.iloc[0])
        for count in NETWORKS:
            clipped = _clipped_error(samples[name], count, bias, resamples, generator)
            plain = float(np.sqrt(bias @ bias + spread**2 / count))
            row = {
                "estimator": name,
                "networks": count,
                "truth": size,
                "rmse": plain,
                "rmse_clipped": clipped,
            }
            errors.append({**row, "seconds": seconds[name]})
        tables.append(table)
    joined = pd.concat(tables, ignore_index=True)
    return joined[["estimator", *(c for c in joined if c != "estimator")]], pd.DataFrame(errors)


def _rows(arrays: Mapping[str, Array], name: str, terms: Sequence[str]) -> list[dict[str, object]]:
    """Return a row per term, along the truth, and of the norm."""
    truth, found, mean = arrays[TRUTH], arrays[name], arrays.get(MEAN_OF + name, arrays[name])
    sound = np.isfinite(np.concatenate([truth, found, mean], 1)).all(1)
    counts = {"networks": len(sound), "failed": int((~sound).sum())}
    if sound.sum() < 2:
        unknown = dict.fromkeys((*_row(*np.zeros((3, 2))), *_share(*np.ones((2, 2))), "cosine"), np.nan)
        return [{"term": term, **counts, **unknown} for term in (*terms, ALONG, NORM)]
    kept = [x[sound] for x in (truth, found, mean)]
    unit = kept[0].mean(0) / np.linalg.norm(kept[0].mean(0))
    rows = [{"term": term, **counts, **_row(*(x[:, p] for x in kept))} for p, term in enumerate(terms)]
    along = [x @ unit for x in kept]
    rows.append({"term": ALONG, **counts, **_row(*along), **_share(along[0], along[2])})
    centre = kept[1].mean(0)
    rows.append(
        {
            "term": NORM,
            **counts,
            "truth": np.linalg.norm(kept[0].mean(0)),
            "mean": np.linalg.norm(centre),
            "expected": np.linalg.norm(kept[2].mean(0)),
            "bias": np.linalg.norm(_remaining_bias(arrays, name)),
            "deviation": np.sqrt(kept[1].var(0, ddof=1).sum()),
            "cosine": centre @ unit / np.linalg.norm(centre),
        }
    )
    return rows


def _row(truth: Array, found: Array, mean: Array) -> dict[str, float]:
    """Return what is known of one component."""
    error, expected = _interval(found - truth), _interval(mean - truth)
    return {
        "truth": truth.mean(),
        "truth_error": _error(truth),
        "mean": found.mean(),
        "mean_error": _error(found),
        "bias": error[0],
        "bias_low": error[1],
        "bias_high": error[2],
        "expected": mean.mean(),
        "expected_bias": expected[0],
        "expected_bias_low": expected[1],
        "expected_bias_high": expected[2],
        "deviation": found.std(ddof=1),
    }


def _share(truth: Array, mean: Array) -> dict[str, float]:
    """Return the ratio of two means over the same networks, with its 95 % interval to first order."""
    share = mean.mean() / truth.mean()
    half = _interval((mean - share * truth) / truth.mean())[2]
    return {"share": share, "share_low": share - half, "share_high": share + half}


def _interval(values: Array) -> tuple[float, float, float]:
    """Return the mean with its 95 % t interval."""
    half = float(stats.t.ppf(0.975, len(values) - 1)) * _error(values)
    return float(values.mean()), float(values.mean() - half), float(values.mean() + half)


def _error(values: Array) -> float:
    return float(values.std(ddof=1) / len(values) ** 0.5)


def _remaining_bias(arrays: Mapping[str, Array], name: str) -> Array:
    """Return the bias of all terms, as far as it is resolved; p."""
    difference = arrays.get(MEAN_OF + name, arrays[name]) - arrays[TRUTH]
    difference = difference[np.isfinite(difference).all(1)]
    return _resolved(difference) if len(difference) > 1 else np.full(difference.shape[1], np.nan)


def _resolved(values: Array) -> Array:
    """Return the shrunk mean, or zero if no component differs from zero at 95 % (Bonferroni); p."""
    error = values.std(0, ddof=1) / len(values) ** 0.5
    bound = float(stats.t.ppf(1 - 0.025 / values.shape[1], len(values) - 1))
    seen = (np.abs(values.mean(0)) > bound * error).any()
    return _shrunk(values) if seen else np.zeros(values.shape[1])


def _shrunk(values: Array) -> Array:
    """Return the mean over networks (b p), shrunk by the share of its square that is expected as error; p."""
    mean, error = values.mean(0), values.var(0, ddof=1).sum() / len(values)
    square = float(mean @ mean)
    return np.asarray(mean * max(0.0, 1 - error / square) ** 0.5) if square > 0 else mean


def _clipped_error(sample: Tensor, count: int, bias: Array, resamples: int, generator: Generator) -> float:
    """Return the root mean square error of the average of gradients that are clipped at the median norm.

    Its spread is taken from draws of the sample; its bias is that of the plain mean, and what clipping adds, which is
    always something: it is taken as estimated, whether or not it is resolved.
    """
    finite = sample.isfinite().all(1)
    if finite.sum() < 2:
        return float("nan")
    averages = []
    for _ in range(resamples):
        drawn = torch.randint(len(sample), (count,), generator=generator)
        if finite[drawn].any():
            averages.append(average(MetaGradient(sample[drawn], drawn, finite[drawn])).gradient)
    if not averages:
        return float("nan")
    found, sound = torch.stack(averages).numpy(), sample[finite].numpy()
    norm = np.linalg.norm(sound, axis=1)
    whole = 1 if count == 1 else np.minimum(1, np.median(norm) / np.maximum(norm, np.finfo(float).tiny))
    added = _shrunk((np.atleast_1d(whole)[:, None] - 1) * sound) + bias
    return float(np.sqrt(added @ added + found.var(0).sum()))
