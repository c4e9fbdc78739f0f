"""Learning to the end of a rule's horizon: error, accuracy and weight change along it, and where networks end."""

import pandas as pd

from threefactor.analysis.table import KEYS, RULE, Column, Table, stacked

QUARTILES = (("low", 0.25), ("", 0.5), ("high", 0.75))

FOLLOWED = {
    "error": ("", "noise-free error"),
    "change_norm": ("", "Frobenius norm of ΔW"),
    "change_rank": ("rank", "effective rank of ΔW, participation ratio of its squared singular values"),
    "clipped": ("fraction of synapses", "synapses whose last update was as large as the clip"),
}
"""Columns of ``evaluations.csv`` that are summed up by their quartiles: unit and meaning."""


def _quartile_columns(name: str, unit: str, meaning: str) -> tuple[Column, ...]:
    return (
        Column(name, unit, f"{meaning}, median over networks"),
        Column(f"{name}_low", unit, "first quartile"),
        Column(f"{name}_high", unit, "third quartile"),
    )


_COLUMNS = tuple(
    column for name, (unit, meaning) in FOLLOWED.items() for column in _quartile_columns(name, unit, meaning)
)

_ACCURACY = Column("accuracy", "fraction of trial types", "right answers without noise, mean over networks")

ALONG = Table(
    "a learning rule and evaluation",
    (
        RULE,
        Column("trial", "trials", "trials of learning before the evaluation"),
        Column("networks", "networks", "networks that had not diverged"),
        *_COLUMNS,
        _ACCURACY,
    ),
)
"""Columns of ``along.csv``."""

ENDINGS = Table(
    "a learning rule, at the end of learning",
    (
        RULE,
        Column("networks", "networks", "retrained networks"),
        Column("trials", "trials", "trials of learning: the rule's horizon"),
        Column("diverged", "networks", "networks that were stopped by an update that was not finite"),
        *_COLUMNS,
        *_quartile_columns("best_error", "", "smallest noise-free error of all evaluations"),
        _ACCURACY,
    ),
)
"""Columns of ``endings.csv``."""


def along_table(evaluations: pd.DataFrame) -> pd.DataFrame:
    """Sum up each evaluation over the networks of each rule.

    Parameters
    ----------
    evaluations : DataFrame
        ``evaluations.csv`` of all batches, with column learning_rule.
    """
    known = evaluations[evaluations.error.notna()]
    groups = known.groupby(["learning_rule", "trial"], sort=False)
    table = _quartiles(groups, list(FOLLOWED)).assign(accuracy=groups.accuracy.mean(), networks=groups.size())
    return stacked([table.reset_index()], ALONG)


def endings_table(evaluations: pd.DataFrame, retrained: pd.DataFrame) -> pd.DataFrame:
    """Sum up where the networks of each rule end; one that diverged counts with its last evaluation.

    Parameters
    ----------
    evaluations : DataFrame
        As in `along_table`.
    retrained : DataFrame
        The tables of networks of all batches, with column learning_rule.
    """
    known = evaluations[evaluations.error.notna()]
    of_network = known.groupby(list(KEYS), sort=False)
    last = of_network.last().assign(best_error=of_network.error.min())
    groups = last.groupby("learning_rule", sort=False)
    networks = retrained.groupby("learning_rule", sort=False)
    table = _quartiles(groups, [*FOLLOWED, "best_error"]).assign(
        accuracy=groups.accuracy.mean(),
        networks=networks.size(),
        trials=networks.trials.max(),
        diverged=networks.diverged.sum(),
    )
    return stacked([table.reset_index()], ENDINGS)


def _quartiles(groups: "pd.api.typing.DataFrameGroupBy", names: list[str]) -> pd.DataFrame:
    """Return median and quartiles of columns, a row per group."""
    return pd.DataFrame(
        {f"{name}_{end}" if end else name: groups[name].quantile(q) for name in names for end, q in QUARTILES}
    )
