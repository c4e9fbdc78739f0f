"""All headline numbers, the rules under all conditions, and what each figure found in words."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from threefactor.analysis.transfer.readable_table import readable
from threefactor.pipeline import captions, inputs

DASH = "–"

WHY = {
    "median_trials": "not half of the networks got there",
    **dict.fromkeys(("error", "lost_fraction"), "no network got there"),
    "ratio_to_theta_33": "nothing to divide by: θ₃₃ was not retrained, or no network got there under either rule",
    **dict.fromkeys(("restricted_mean_trials_low", "restricted_mean_trials_high"), "no network got there"),
    "ratio_to_bptt": "nothing to divide by: bptt has not two networks at the level",
    "largest_z_score": "no gradient has a standard error",
    **dict.fromkeys(
        ("noise_corrected", "noise_corrected_low", "noise_corrected_high"),
        "the signal is not clear of sampling noise",
    ),
    **dict.fromkeys(("low", "high"), "too few networks for an interval"),
    **dict.fromkeys(("ratio_low", "ratio_high"), "too few networks for an interval, or nothing to divide by"),
    **dict.fromkeys(("statistic", "effect", "p"), "too few networks or rules to test"),
}
"""Why a number can be missing, by the last part of its key."""


def show(numbers: Mapping[str, Any], compared: Path, found: Mapping[str, Any], terminal: Console) -> None:
    """Print a line per number, a row per rule and condition, and a paragraph per figure, of what there is."""
    if numbers:
        _print_numbers(numbers, terminal)
    if compared.exists():
        _print_compared(compared, terminal)
    for name, one in found.items():
        if words := captions.finding(name, one):
            terminal.print(f"\n{name}: {words.replace('``', '')}", highlight=False, markup=False)


def _print_numbers(numbers: Mapping[str, Any], terminal: Console) -> None:
    """Print the headline numbers of a finished experiment."""
    figures = dict(_flat(numbers))
    table = Table("number", "value", box=None)
    for key, value in figures.items():
        table.add_row(key, _words(value))
    terminal.print(table)
    for why, names in _reasons(figures).items():
        terminal.print(f"{DASH} {', '.join(names)}: {why}", highlight=False, soft_wrap=True)


def _print_compared(path: Path, terminal: Console) -> None:
    """Print the learning rules under every condition."""
    rows = readable(inputs.table(path, "compare_conditions", "rules"))
    shown = [str(name) for name in rows if name not in ("diverged", "trials simulated", "log-rank p")][:8]
    table = Table(*shown, box=None, title=str(path))
    for row in rows[shown].itertuples(index=False):
        table.add_row(*map(str, row))
    terminal.print(table)


def _words(value: object) -> str:
    """Write a number; one that could not be estimated is a dash."""
    if value is None:
        return DASH
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _reasons(figures: Mapping[str, object]) -> dict[str, list[str]]:
    """Say why numbers are missing: under each reason the last parts of their keys."""
    found: dict[str, list[str]] = {}
    for name in dict.fromkeys(key.rpartition(".")[2] for key, value in figures.items() if value is None):
        found.setdefault(WHY.get(name, "could not be estimated"), []).append(name)
    return found


def _flat(tree: Mapping[str, object], above: str = "") -> Iterator[tuple[str, object]]:
    """Walk through nested numbers, with dotted keys."""
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value
