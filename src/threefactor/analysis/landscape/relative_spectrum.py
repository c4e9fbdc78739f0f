"""The spectrum of the weight change of a rule, over its networks."""

import pandas as pd


def relative_spectrum(table: pd.DataFrame) -> pd.DataFrame:
    """Give the quartiles over networks of singular values relative to each network's largest.

    Parameters
    ----------
    table : DataFrame
        spectrum.csv: learning_rule, network, index, singular_value.

    Returns
    -------
    DataFrame
        A row per rule and index: middle, low, high.
    """
    largest = table.groupby(["learning_rule", "network"]).singular_value.transform("max")
    share = (table.singular_value / largest.where(largest > 0)).astype(
        float
    )  # a table of no rows has no types
    shares = table.assign(share=share)
    of_index = shares.groupby(["learning_rule", "index"]).share
    parts = {"middle": of_index.median(), "low": of_index.quantile(0.25), "high": of_index.quantile(0.75)}
    return pd.DataFrame(parts).reset_index()
