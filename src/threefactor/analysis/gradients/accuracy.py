"""The accuracy of the tangents over all rules that were validated."""

import pandas as pd


def worst_rule(table: pd.DataFrame) -> pd.DataFrame:
    """Keep, of accuracy.csv, the largest error over rules at each trial.

    Parameters
    ----------
    table : DataFrame
        learning_rule, precision, method, step_size (NaN where there is none), trial, quantity,
        relative_error.

    Returns
    -------
    DataFrame
        A row per precision, method, step size, quantity and trial, without learning_rule.
    """
    keys = ["precision", "method", "step_size", "quantity", "trial"]
    return table.groupby(keys, dropna=False, sort=True).relative_error.max().reset_index()
