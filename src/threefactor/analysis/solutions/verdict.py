"""How the tables answer the two questions of the poster: yes, no, or unknown.

*Do rules make classes of solutions?*  By one distance, of networks without what their initialisations share:

    yes      there are clusters (p < 0.05), and they are the rules: adjusted Rand index above 0.5
    no       rules differ (Holm's p < 0.05), but no clusters follow them: index below 0.25
    unknown  else

*Do gradients find simpler solutions?*  By one effect, locality or feedback, on one measure that is small for simple
networks:

    yes      both 95 % intervals, over initialisations and over rules, lie on the side that makes gradients simpler, and
             Holm's p over rules is below 0.05
    no       the same on the other side, or the interval over rules lies within 0.5 standard deviations of zero
    unknown  else; so is an effect that is sure of these rules alone

One measure with yes and none with no for being on the other side is a yes of that effect; no for every measure is a no.
A no so needs evidence: a test that sees nothing with few rules or networks is unknown.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd

from threefactor.analysis.solutions.multiple_testing import holm

YES, NO, UNKNOWN = "yes", "no", "unknown"

SIGNIFICANT = 0.05
"""Level of every test."""

SAME, APART = 0.5, 0.25
"""Adjusted Rand index above which clusters are the rules, and below which they are not."""

NEGLIGIBLE = 0.5
"""Effect, in standard deviations between networks of one rule, that is as good as none."""

SIMPLICITY = (
    *("participation_ratio", "rank_participation", "compressed_rank"),
    *("attractors", "lyapunov_dimension", "sharpness"),
)
"""Measures that are small for a simple network."""

GRADIENT = {"locality": 1, "feedback": -1}
"""Sign of an effect, local less not and error less reward, with which gradients make a measure small."""


class Classes(NamedTuple):
    """Whether rules make classes by one distance, and the numbers that say so; NaN where a table lacks them."""

    answer: str
    clusters: float  # that fit best, if there are any
    p_clusters: float  # of there being one cluster
    rand: float  # adjusted Rand index of clusters and rules
    explained: float  # adjusted R² of the rule
    p_explained: float  # corrected for the number of tests (Holm)


class Bias(NamedTuple):
    """What an effect does to one measure, in standard deviations between networks of one rule."""

    answer: str
    standardised: float
    low: float  # 95 %, over initialisations
    high: float
    low_rules: float  # 95 %, over rules
    high_rules: float
    p: float  # over rules, corrected for the number of measures and effects (Holm)


def classes(clusters: pd.DataFrame, explained: pd.DataFrame) -> Classes:
    """Say whether rules make classes.

    Parameters
    ----------
    clusters, explained : DataFrame
        ``clusters.csv`` and ``explained.csv`` at one level and distance.
    """
    seen = _numbers(clusters[clusters.of == "all without initialisations"])
    tested = explained[(explained.covariates == "none") & (explained.factor == "learning_rule")]
    share = _numbers(tested)
    found = Classes(
        UNKNOWN,
        *(seen.get(name, np.nan) for name in ("number", "p", "rand_learning_rule")),
        *(share.get(name, np.nan) for name in ("adjusted", "p_holm")),
    )
    if found.p_clusters < SIGNIFICANT and found.rand > SAME:
        return found._replace(answer=YES)
    if found.p_explained < SIGNIFICANT and found.rand < APART:
        return found._replace(answer=NO)
    return found


def biases(effects: pd.DataFrame) -> dict[str, dict[str, Bias]]:
    """Say by effect and measure whether gradients find simpler solutions.

    Parameters
    ----------
    effects : DataFrame
        ``two_by_two.csv`` at one level.
    """
    own = effects[effects.effect.isin(list(GRADIENT)) & effects.quantity.isin(list(SIMPLICITY))]
    own = own.assign(p=holm(own.p_rules.to_numpy(float)))
    found: dict[str, dict[str, Bias]] = {effect: {} for effect in GRADIENT}
    for _, row in own.iterrows():
        found[str(row.effect)][str(row.quantity)] = _bias(row)
    return found


def in_spreads(effects: pd.DataFrame) -> pd.DataFrame:
    """Return ``two_by_two.csv`` with the effect and its intervals in standard deviations between networks of one rule."""
    spread = effects.estimate.to_numpy(float) / effects.standardised.to_numpy(float)
    names = ("estimate", "estimate_low", "estimate_high", "low_rules", "high_rules")
    return effects.assign(**{name: effects[name].to_numpy(float) / spread for name in names})


def of_effect(found: Iterable[Bias]) -> str:
    """Join the answers of several measures to one effect."""
    known = list(found)
    against = [one for one in known if one.answer == NO and not _is_negligible(one)]
    if any(one.answer == YES for one in known):
        return UNKNOWN if against else YES
    return NO if known and all(one.answer == NO for one in known) else UNKNOWN


def agreed(answers: Iterable[str]) -> str:
    """Return the answer that all give; unknown if they differ or there is none."""
    several = set(answers)
    return several.pop() if len(several) == 1 else UNKNOWN


def any_of(answers: Iterable[str]) -> str:
    """Return yes if one says so, no if all do, else unknown."""
    several = list(answers)
    return YES if YES in several else agreed(several)


def _bias(row: pd.Series) -> Bias:
    """Say what one effect does to one measure."""
    scaled = in_spreads(pd.DataFrame([row])).iloc[0]
    names = ("estimate", "estimate_low", "estimate_high", "low_rules", "high_rules", "p")
    found = Bias(UNKNOWN, *(float(scaled[name]) for name in names))
    if _is_negligible(found):
        return found._replace(answer=NO)
    sides = {np.sign(end) for end in found[2:6]}
    if found.p < SIGNIFICANT and sides in ({1.0}, {-1.0}):
        return found._replace(answer=YES if sides == {float(GRADIENT[str(row.effect)])} else NO)
    return found


def _is_negligible(found: Bias) -> bool:
    """Tell whether all effects that the interval over rules holds are as good as none."""
    return max(abs(found.low_rules), abs(found.high_rules)) < NEGLIGIBLE


def _numbers(rows: pd.DataFrame) -> dict[str, float]:
    """Return the numbers of the one row, nothing of none."""
    return (
        {}
        if rows.empty
        else {str(name): float(value) for name, value in rows.select_dtypes("number").iloc[0].items()}
    )
