"""Published numbers of theta_33 under a condition, compared with those found here."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch

from threefactor.analysis.solutions.bootstrap import interval
from threefactor.analysis.solutions.learning_speed import REFERENCE
from threefactor.analysis.table import Column, Table

_SAMPLES = (
    "median trials of theta_33 in samples of as many networks as were published, a failed one at the horizon"
)

PUBLISHED = Table(
    "a condition that a paper reports on",
    (
        Column("condition", "", "key of transfer.conditions"),
        Column("published_median", "trials", "published median trials to criterion of theta_33"),
        Column("published_low", "trials", "published first quartile"),
        Column("published_high", "trials", "published third quartile"),
        Column("published_runs", "networks", "published number of networks"),
        Column("median", "trials", "median trials to criterion of theta_33 here (Kaplan–Meier)"),
        Column("iqr_low", "trials", "first quartile here"),
        Column("iqr_high", "trials", "third quartile here"),
        Column("networks", "networks", "networks here"),
        Column("reached", "networks", "networks here that reached the criterion"),
        Column("median_of_runs_low", "trials", f"2.5 % quantile of the {_SAMPLES}"),
        Column("median_of_runs_high", "trials", "97.5 % quantile of the same"),
        Column("share_below", "fraction of samples", "samples whose median is at most the published one"),
    ),
)
"""Columns of ``published.csv``."""


class Published(NamedTuple):
    """Median and quartiles of the trials to criterion, and the number of networks behind them."""

    median: float
    quartiles: tuple[float, float]
    runs: int


def published_table(
    networks: pd.DataFrame,
    rules: pd.DataFrame,
    papers: Mapping[str, Published],
    draws: int,
    *,
    generator: torch.Generator,
) -> pd.DataFrame:
    """Compare published medians with those of as many networks of ours, a row per condition.

    Parameters
    ----------
    networks : DataFrame
        A row per condition, rule and network, as stage ``transfer`` writes them.
    rules : DataFrame
        Of `threefactor.analysis.transfer.condition_tables.rules_table`.
    papers : mapping
        Published numbers, by condition.
    draws : int
        Samples of as many networks as the paper's.
    generator : torch.Generator
        Source of the samples.

    Returns
    -------
    DataFrame
        With the columns `PUBLISHED`.
    """
    rows = []
    for name, paper in papers.items():
        own = networks[(networks.condition == name) & (networks.learning_rule == REFERENCE)]
        summary = rules[(rules.condition == name) & (rules.learning_rule == REFERENCE)]
        if not len(own):
            continue
        trials = own.trials_to_criterion.to_numpy(float)
        chosen = torch.randint(len(trials), (draws, paper.runs), generator=generator)
        medians = np.median(trials[chosen.numpy()], axis=1)
        low, high = interval(medians) if own.reached.any() else (float("nan"),) * 2
        reported = [paper.median, *paper.quartiles, paper.runs]
        found = summary[["median", "iqr_low", "iqr_high", "networks", "reached"]].iloc[0].tolist()
        rows.append([name, *reported, *found, low, high, float((medians <= paper.median).mean())])
    return pd.DataFrame(rows, columns=PUBLISHED.names())
