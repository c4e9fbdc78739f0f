"""The tables of one pruned rule."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from torch import Tensor

from threefactor.analysis.families import scores
from threefactor.metalearning.held_out import Score
from threefactor.metalearning.problem import Problem


def summary(found: Score, counts: NDArray[np.float64]) -> pd.DataFrame:
    """Sum up scores, a row each, with changes from the dense rule, the first.

    Parameters
    ----------
    found
        Of r rules on m networks.
    counts
        How often each network is drawn in each bootstrap sample, (d, m).
    """
    smoothed, error, trials, reached = (part.double().cpu().numpy() for part in found)
    return scores.summary(smoothed, error, trials, reached, counts).reset_index(drop=True)


def path_table(
    problem: Problem, path: Tensor, weights: Sequence[float], trials: int, summed: pd.DataFrame
) -> pd.DataFrame:
    """Return the path, a row per weight of sparsity.

    Parameters
    ----------
    problem
        What was learned along the path.
    path
        Scaled theta, w p.
    weights
        Of sparsity, without the zero of the dense rule; at least w - 1.
    trials
        Of all networks, at each weight.
    summed
        Scores, a row per weight.
    """
    columns: dict[str, object] = {
        "weight": [0.0, *weights][: len(path)],
        "terms": (path != 0).sum(1).tolist(),
        "trials": [trials * n for n in range(len(path))],
    }
    table = pd.concat([pd.DataFrame(columns), summed.reset_index(drop=True)], axis=1)
    for (k, l), values in zip(problem.system.terms, path.double().cpu().numpy().T, strict=True):
        table[f"theta_scaled_{k}{l}"] = values
    return table


def contributions_table(problem: Problem, dense: Tensor, summed: pd.DataFrame) -> pd.DataFrame:
    """Return what leaving out each term changes, a row per term, that of the whole rule first."""
    names = ["nothing", *(f"{k}{l}" for k, l in problem.system.terms)]
    values = np.concatenate([[np.nan], dense.double().cpu().numpy()])
    table = pd.DataFrame({"without": names, "theta_scaled": values})
    return pd.concat([table, summed.reset_index(drop=True)], axis=1)
