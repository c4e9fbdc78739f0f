"""One table of everything that is claimed of solutions: claim, metric and level, with effect, interval, null and p."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from threefactor.analysis.table import LEVEL, Column, Table, stacked

CLAIMS = Table(
    "a claim, metric and level of error",
    (
        LEVEL,
        Column("claim", "", "what is claimed"),
        Column("of", "", "distance, measure or set of features"),
        Column("effect", "", "its size, in the unit of `as`"),
        Column("low", "", "lower end of its 95 % interval; empty where there is none"),
        Column("high", "", "upper end"),
        Column("null", "", "what would be seen without an effect"),
        Column(
            "p", "", "of no effect; corrected for the number of tests of its table (Holm) where there is one"
        ),
        Column("as", "", "what the effect is"),
    ),
)
"""Columns of ``claims.csv``."""

FACTORS = {"learning_rule": "the rule", "initialisation": "the initialisation", "gain": "the gain"}


def claims_table(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Gather the claims of all levels from the tables of one comparison, by their names.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        explained, clusters, predictions, two_by_two, over_null and correlations.
    """
    parts = [
        _explained(tables["explained"]),
        _clusters(tables["clusters"]),
        _predictions(tables["predictions"]),
        _over_null(tables["over_null"]),
        _effects(tables["two_by_two"]),
        _correlations(tables["correlations"]),
    ]
    return stacked(parts, CLAIMS)


def _explained(table: pd.DataFrame) -> pd.DataFrame:
    """Claim what explains distances, and what the rule explains beyond the rank of ΔW and the error."""
    own = table[table.factor.isin(list(FACTORS))]
    beyond = own.covariates != "none"
    own = own[~beyond | (own.factor == "learning_rule")]
    words = own.factor.map(FACTORS) + " explains how far networks lie apart"
    ending = np.where(own.covariates == "none", "", ", beyond rank and error")
    return pd.DataFrame(
        {
            **{"level": own.level, "claim": words + ending, "of": own.distance, "effect": own.adjusted},
            **{"null": 0.0, "p": own.p_holm, "as": "adjusted R²"},
        }
    )


def _clusters(table: pd.DataFrame) -> pd.DataFrame:
    """Claim that clusters are rules."""
    own = table[table.of == "all without initialisations"]
    return pd.DataFrame(
        {
            **{"level": own.level, "claim": "clusters are the rules", "of": own.distance},
            **{"effect": own.rand_learning_rule, "null": 0.0, "p": own.p, "as": "adjusted Rand index"},
        }
    )


def _predictions(table: pd.DataFrame) -> pd.DataFrame:
    """Claim that a network tells which rule made it."""
    words = "a network tells its rule, another " + table.left_out.astype(str) + " left out"
    return pd.DataFrame(
        {
            **{"level": table.level, "claim": words, "of": table.features, "effect": table.accuracy},
            **{"null": table.chance, "p": table.p, "as": "mean recall"},
        }
    )


def _over_null(table: pd.DataFrame) -> pd.DataFrame:
    """Claim that rules use less than the task permits: the geometric mean over rules, from lowest to highest."""
    rows = []
    for (level, distance, walks), part in table.groupby(["level", "distance", "walks"], sort=False):
        nulls = {"lie apart": part.reachable, "lead away": part.from_anchor}
        for words, null in nulls.items():
            ratios = (part.within / null).dropna()
            if len(ratios) and (ratios > 0).all() and np.isfinite(ratios).all():
                claim = f"rules spread less than {walks} walks at equal error {words}"
                ends = {"low": ratios.min(), "high": ratios.max()}
                row = {
                    "level": level,
                    "claim": claim,
                    "of": distance,
                    "effect": np.exp(np.log(ratios).mean()),
                }
                rows.append({**row, **ends, "null": 1.0, "as": "ratio, geometric mean over rules; range"})
    return pd.DataFrame(rows)


def _effects(table: pd.DataFrame) -> pd.DataFrame:
    """Claim what locality and feedback do, in standard deviations, with the interval over rules."""
    own = table[table.standardised.notna() & (table.standardised != 0)]
    scale = own.estimate / own.standardised
    return pd.DataFrame(
        {
            **{"level": own.level, "claim": own.effect.astype(str) + " changes networks", "of": own.quantity},
            **{"effect": own.standardised, "low": own.low_rules / scale, "high": own.high_rules / scale},
            **{"null": 0.0, "p": own.p_rules, "as": "standard deviations, over rules"},
        }
    )


def _correlations(table: pd.DataFrame) -> pd.DataFrame:
    """Claim what goes with the error out of distribution among networks of one rule."""
    own = table[table.over == "within rules"]
    return pd.DataFrame(
        {
            **{"level": own.level, "claim": "goes with the error out of distribution", "of": own.quantity},
            **{"effect": own.estimate, "low": own.estimate_low, "high": own.estimate_high},
            **{"null": 0.0, "as": "correlation of ranks within rules"},
        }
    )
