"""What finding a rule costs, in words taken from the numbers."""

import pandas as pd

from threefactor.analysis.learning.search import WAYS


def search(savings: pd.DataFrame) -> str:
    """Say how many trials derivatives need for what evolution finds (savings.csv)."""
    if not len(savings):
        return ""
    return " ".join(_way(way, savings[savings.way == way]) for way in WAYS)


def _way(way: float, part: pd.DataFrame) -> str:
    """Say it of one level."""
    got = part.dropna(subset="trials")
    counted = f"{len(got)} of {len(part)} comparisons with rules that derivatives learned got there"
    moved = got[got.trials > 0]
    if not len(moved):
        return f"{_evolution(part, way)}; {counted}{' from the start' if len(got) else ''}."
    first = f", {len(got) - len(moved)} from the start and the others" if len(moved) < len(got) else ""
    trials, saving = moved.trials, moved.saving
    return (
        f"{_evolution(part, way)}; {counted}{first} with {trials.min():,.0f} to {trials.max():,.0f} trials, "
        f"{saving.min():.0f} to {saving.max():.0f} times fewer (median {saving.median():.0f})."
    )


def _evolution(part: pd.DataFrame, way: float) -> str:
    """Say what evolution simulated."""
    needed = part.groupby("evolution", sort=False).evolution_trials.first()
    return f"Evolution simulated {', '.join(f'{trials:,.0f}' for trials in needed)} trials to {WAYS[way]}"
