"""What finding a rule costs, in words taken from the numbers."""

import pandas as pd

WAYS = {0.5: "half-way to its best score", 0.95: "95 % of that way", 1.0: "its best score"}


def search(savings: pd.DataFrame) -> str:
    """Say how many trials derivatives need for what evolution finds (savings.csv)."""
    if not len(savings):
        return ""
    return " ".join(_way(way, savings[savings.way == way]) for way in WAYS)


def _way(way: float, part: pd.DataFrame) -> str:
    """Say it of one level."""
    got = part.dropna(subset="saving")
    needed = ", ".join(
        f"{trials:,.0f}" for trials in part.groupby("evolution", sort=False).evolution_trials.first()
    )
    told = f"Evolution simulated {needed} trials to {WAYS[way]}"
    if not len(got):
        return f"{told}; none of {len(part)} comparisons with rules that derivatives learned got there."
    trials, saving = got.trials, got.saving
    return (
        f"{told}; {len(got)} of {len(part)} comparisons with rules that derivatives learned got there, with "
        f"{trials.min():,.0f} to {trials.max():,.0f} trials, {saving.min():.0f} to {saving.max():.0f} times fewer "
        f"(median {saving.median():.0f})."
    )
