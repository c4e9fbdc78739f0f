"""Columns of the tables of the analysis; their meaning and units stand in `threefactor.stages.analyse`."""

from collections.abc import Sequence

import pandas as pd

KEYS = ("learning_rule", "network")

COLUMNS = {
    "networks": """learning_rule network batch reached trials_to_criterion accuracy analysed
        participation_ratio components_90 delay_speed selectivity_*
        kernel_alignment change_norm relative_change top_singular_fraction rank_entropy rank_participation
        abscissa_initial abscissa_final eigenvalue_change distance_from_initial decoding_*
        fixed_points stable_fixed_points fixed_point_arrivals""",
    "decoding": "learning_rule variable time_ms accuracy low high networks",
    "spectrum": """learning_rule network index singular_value initial_real initial_imaginary final_real
        final_imaginary""",
    "fixed_points": """learning_rule network condition index residual hits starts stable largest_real unstable
        henrici output readout_overlap pc1 pc2 pc3""",
    "embedding": "distance row learning_rule network x y explained",
    "spread": "learning_rule quantity networks estimate low high ratio_to_bptt ratio_low ratio_high",
    "permanova": """distance test factor groups networks statistic effect chance p permutations
        permuted_within""",
    "criterion": """learning_rule networks reached reached_fraction reached_low reached_high restricted_mean
        restricted_mean_low restricted_mean_high ratio_to_theta_33 ratio_low ratio_high median iqr_low
        iqr_high accuracy logrank_p analysed horizon""",
    "survival": "learning_rule trial waiting low high at_risk",
}


def columns(table: str, factors: Sequence[str] = ()) -> list[str]:
    """Name the columns of a table in order; `factors` are those of the task, which name some of ``networks``."""
    several = {"selectivity_*": [f"selectivity_{name}" for name in factors], "decoding_*": _decoding(factors)}
    return [column for word in COLUMNS[table].split() for column in several.get(word, [word])]


def _decoding(factors: Sequence[str]) -> list[str]:
    """Name the columns of what is held in the delay and decided in the end: the first factor and the last."""
    held = [f"decoding_{name}_delay" for name in factors[:1]] + [
        f"static_{name}_delay" for name in factors[:1]
    ]
    return held + [f"decoding_{name}_response" for name in factors[-1:]]


def stacked(parts: Sequence[pd.DataFrame], table: str, factors: Sequence[str] = ()) -> pd.DataFrame:
    """Stack parts of a table; a column that no part has stays empty, and so does a table without parts."""
    filled = [part for part in parts if len(part)]
    whole = pd.concat(filled, ignore_index=True) if filled else pd.DataFrame()
    return whole.reindex(columns=columns(table, factors))
