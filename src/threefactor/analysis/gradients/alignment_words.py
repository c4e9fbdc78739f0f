"""What the alignment of rules, their similarity and their steps say, in words taken from the numbers."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from threefactor.analysis.gradients.alignment import ALL, CONTROL, WEIGHTED
from threefactor.analysis.gradients.span import FAMILIES


def follows(
    rules: pd.DataFrame,
    types: pd.DataFrame,
    correlations: Mapping[str, Mapping[str, float]],
    without_bptt: Mapping[str, Mapping[str, float]],
) -> str:
    """Say how well rules follow the gradient.

    Parameters
    ----------
    rules, types
        From `per_rule` and `by_type` of `threefactor.analysis.gradients.alignment`.
    correlations, without_bptt
        `correlation` of the ``raw`` and of the ``corrected`` cosine, over all rules and without BPTT.
    """
    seen = rules[rules.raw.notna()]
    if not len(seen):
        return "No rule has a finite cosine with the gradient."
    known, hidden = seen[np.isfinite(seen.corrected)], seen[~np.isfinite(seen.corrected)]
    drawn = ", ".join(f"``{row.learning_rule}`` {row.raw:.2f}" for row in seen.itertuples())
    words = [
        f"The mean update of the drawn trials has these cosines with −∇L, sampling noise included: {drawn}."
    ]
    if len(known):
        freed = ", ".join(f"``{r.learning_rule}`` {_interval(r)}" for r in known.itertuples())
        words.append(
            f"Freed of the noise, as of endless draws: {freed} (95 % over {known.networks.max()} networks)."
        )
    if len(hidden):
        names = ", ".join(f"``{name}``" for name in hidden.learning_rule)
        words.append(f"Noise hides the corrected cosine of {names}.")
    words += _within(known, types)
    for column, name in (("raw", "as drawn"), ("corrected", "corrected")):
        found = correlations[column]
        if fit := correlates(found, without_bptt[column]):
            words.append(
                f"Across {found['rules']} rules the cosine {name} and the logarithm of the trials to criterion "
                f"correlate with {fit}."
            )
    return " ".join(words)


def _within(known: pd.DataFrame, types: pd.DataFrame) -> list[str]:
    """Say what trial types do to the cosine, for the rules that are resolved in each."""
    seen = types[types.learning_rule.isin(known.learning_rule)]
    single = seen[~seen.trial_type.isin([ALL, WEIGHTED])].groupby("learning_rule", sort=False).corrected
    means = single.mean()[single.apply(lambda values: values.notna().all())]
    words = []
    if len(means):
        both = known.set_index("learning_rule").corrected
        told = ", ".join(
            f"``{rule}`` {mean:.2f} ({both[str(rule)]:.2f} over all)" for rule, mean in means.items()
        )
        words.append(f"Within single trial types the corrected cosine is on average {told}.")
    gated = seen[(seen.trial_type == WEIGHTED) & seen.corrected.notna()]
    if len(gated):
        told = ", ".join(f"``{row.learning_rule}`` {_interval(row)}" for row in gated.itertuples())
        words.append(
            f"With the gradients of the types weighted as the reward gate weights them it is {told}."
        )
    return words


def correlates(fit: Mapping[str, float], without_bptt: Mapping[str, float]) -> str:
    """Write a correlation with its interval, and what is left of it without BPTT; nothing where it is not known."""
    if not np.isfinite(fit["estimate"]):
        return ""
    words = f"r = {fit['estimate']:.2f} [{fit['low']:.2f}, {fit['high']:.2f}]"
    if not np.isfinite(without_bptt["estimate"]) or without_bptt["rules"] == fit["rules"]:
        return words
    left = f"{without_bptt['estimate']:.2f} [{without_bptt['low']:.2f}, {without_bptt['high']:.2f}]"
    return f"{words}; without BPTT {left}"


def similar(matrix: pd.DataFrame, same: pd.DataFrame, along: str, learned_rules: Sequence[str]) -> str:
    """Say how rules lie to each other (`matrix`) and to the ceiling (`at_same_weights` with `span.ceiling`)."""
    pairs = matrix[np.isfinite(matrix.corrected) & (matrix.second != "gradient")]
    words = []
    if len(pairs):
        near, far = pairs.loc[pairs.corrected.idxmax()], pairs.loc[pairs.corrected.idxmin()]
        words.append(
            f"Of {len(pairs)} pairs of rules whose signal is resolved, {_pair(near)} are closest (corrected cosine "
            f"{near.corrected:.2f}), {_pair(far)} least aligned ({_interval(far)})."
        )
    rows = same.set_index("learning_rule")
    for family in [name for name in FAMILIES if name in rows.index and pd.notna(rows.raw[name])]:
        best = rows[rows.index == family].iloc[0]
        words.append(
            f"At the weights of ``{along}``, the polynomial rule of {best.terms:.0f} "
            f"{'odd ' if family == FAMILIES[0] else ''}terms that follows −∇L best in the other networks has a cosine of "
            f"{best.raw:.2f} as drawn{_and_corrected(best)}."
        )
    learned = rows[rows.index.isin(learned_rules) & rows.raw.notna()]
    if len(learned):
        top = learned.sort_values("raw", ascending=False).iloc[0]
        words.append(
            f"The learned rule ``{top.name}`` stands at {top.raw:.2f}{_and_corrected(top)} at the weights of ``{along}``."
        )
    if CONTROL in rows.index:
        words.append(f"The shuffled control has {rows.raw[CONTROL]:.3f}.")
    return " ".join(words) or "No pair of rules has a resolved signal."


def descends(lengths: pd.DataFrame, reach: pd.DataFrame, trial: pd.Series) -> str:
    """Say what steps along updates do (`by_length`, `reach`, and the length of a trial's expected update by rule)."""
    own = reach[
        (reach.direction == reach.learning_rule) & reach.get("helped", pd.Series(dtype=float)).notna()
    ]
    if not len(own):
        return "No step was taken."
    helped = ", ".join(f"``{r.learning_rule}`` {r.helped:.0%}" for r in own.itertuples())
    shortest = lengths.step.min()
    words = [
        f"A step of {shortest:g} norms of W along a rule's own E[ΔW] raises the reward in these shares of the "
        f"networks and snapshots looked at: {helped}."
    ]
    holds = own[np.isfinite(own.reach)]
    if len(holds):
        far, near = holds.loc[holds.reach.idxmax()], holds.loc[holds.reach.idxmin()]
        longest = lengths.step.max()
        limit = (
            f"at least {longest:g}, the longest step tried," if far.reach >= longest else f"{far.reach:.2g}"
        )
        words.append(
            "Where the prediction is upwards, more than half of it is found up to a median of "
            f"{near.reach:.2g} (``{near.learning_rule}``) to {limit} norms of W (``{far.learning_rule}``)."
        )
        ratio = (holds.set_index("learning_rule").reach / trial).dropna()
        if len(ratio):
            words.append(
                f"That is {ratio.min():.1f} to {ratio.max():.0f} times the mean update of a trial "
                f"(``{ratio.idxmin()}``, ``{ratio.idxmax()}``)."
            )
    steepest = reach[(reach.direction == "gradient") & np.isfinite(reach.reach)].reach
    if len(steepest):
        words.append(f"Along the gradient itself it is {steepest.median():.2g} (median over rules).")
    return " ".join(words)


def _pair(row: pd.Series) -> str:
    """Name two rules."""
    return f"``{row['first']}`` and ``{row['second']}``"


def _interval(row: object) -> str:
    """Write a corrected cosine with its interval."""
    return f"{row.corrected:.2f} [{row.low:.2f}, {row.high:.2f}]"  # type: ignore[attr-defined]


def _and_corrected(row: pd.Series) -> str:
    """Write the corrected cosine where it is known."""
    return f", {_interval(row)} corrected" if np.isfinite(row.corrected) else ""
