"""Which rules are really different, and what terms are worth, in words taken from the numbers."""

from collections.abc import Mapping

import pandas as pd

RANKS = ("participation_ratio", "effective_rank")


def families(members: pd.DataFrame, distances: pd.DataFrame, rank: pd.DataFrame) -> str:
    """State what the comparison of learned rules found (members.csv, distances.csv, rank.csv)."""
    learned = members[members.member != ""]
    words = [_met(distances), _different(learned, distances), _best(learned), _rank(rank)]
    return " ".join(word for word in words if word)


def _met(distances: pd.DataFrame) -> str:
    """Say how far rules of one member lie apart."""
    same = distances[distances.same_member]
    if not len(same):
        return "No two rules may be the same, so nothing says how far apart one rule comes out."
    theta, function = same.theta_distance, same.function_distance_learning
    return (
        f"Rules of one member end at a distance (one minus the cosine) of {theta.median():.2g} in scaled θ and "
        f"{function.median():.2g} as functions of the states that learning networks visit, at most {function.max():.2g} "
        f"(medians over {len(same)} pair{'s' if len(same) > 1 else ''})."
    )


def _different(learned: pd.DataFrame, distances: pd.DataFrame) -> str:
    """Say how many functions the learned rules are."""
    if learned.threshold.isna().all():
        return ""
    count, threshold = learned.cluster.nunique(), learned.threshold.iloc[0]
    groups = [list(part.learning_rule) for _, part in learned.groupby("cluster")]
    told = "; ".join(", ".join(group) for group in groups)
    apart_rows = ~distances.same_member & distances["first"].isin(learned.learning_rule)
    other = distances.loc[apart_rows, "function_distance_learning"].dropna()
    apart = f" Rules of different members lie {other.median():.2g} apart in the median." if len(other) else ""
    noun = "function" if count == 1 else "really different functions"
    return (
        f"No further apart than that ({threshold:.2g}), {len(learned)} learned rules are {count} {noun}: {told}."
        f"{apart}"
    )


def _best(learned: pd.DataFrame) -> str:
    """Say which rule scores best against theta_33."""
    if not len(learned):
        return ""
    best = learned.iloc[int(learned.change.to_numpy().argmin())]
    clear = learned[learned.change_high < 0]
    failed = int(learned.failed.sum())
    end = f"; {failed} lifetimes were not finite." if failed else "."
    return (
        f"On {best.networks} networks that took no part in learning, the best rule, {best.learning_rule}, changes the "
        f"soft error rate of θ₃₃ by {best.change:+.3f} [{best.change_low:+.3f}, {best.change_high:+.3f}]; {len(clear)} "
        f"of {len(learned)} rules lower it with an interval clear of zero{end}"
    )


def _rank(rank: pd.DataFrame) -> str:
    """Say how many directions of weight space theta moves learning in."""
    known = rank.dropna(subset="effective_rank")
    if not len(known):
        return ""
    ends = known.groupby("trial")[list(RANKS)].mean()
    first, last = ends.index.min(), ends.index.max()
    return (
        f"The {known.terms.max()} weight tangents span an effective rank of {ends.effective_rank[first]:.1f} after "
        f"{first} trial{'s' if first > 1 else ''} of learning and {ends.effective_rank[last]:.1f} after {last} "
        f"(participation ratio {ends.participation_ratio[first]:.1f} and {ends.participation_ratio[last]:.1f})."
    )


def sparsity(pruned: Mapping[str, tuple[pd.DataFrame, pd.DataFrame]]) -> str:
    """State what terms are worth, and what is left of rules under sparsity (path.csv, worth.csv)."""
    if not pruned:
        return "No rule was pruned."
    return " ".join(_pruned(rule, path, worth) for rule, (path, worth) in pruned.items())


def _pruned(rule: str, path: pd.DataFrame, worth: pd.DataFrame) -> str:
    """Say it of one rule."""
    terms = worth[worth.without != "nothing"]
    needed, free = terms[terms.change_low > 0], terms[terms.change_low <= 0]
    most = terms.iloc[int(terms.change.to_numpy().argmax())]
    told = (
        f"Of {rule}, leaving out θ{most.without} costs most: {most.change:+.3f} [{most.change_low:+.3f}, "
        f"{most.change_high:+.3f}] in the soft error rate; for {len(needed)} of {len(terms)} terms the cost is clear of "
        f"zero, for {len(free)} it is not."
    )
    sparse = path[(path.weight > 0) & (path.change_low <= 0)]
    if not len(path[path.weight > 0]):
        return told
    if not len(sparse):
        return f"{told} Every step of the path to fewer terms is clearly worse than the dense rule."
    best = sparse.iloc[int(sparse.terms.to_numpy().argmin())]
    return (
        f"{told} The sparsest rule on the path that is not clearly worse has {int(best.terms)} of "
        f"{int(path.terms.iloc[0])} terms: "
        f"{best.change:+.3f} [{best.change_low:+.3f}, {best.change_high:+.3f}]."
    )
