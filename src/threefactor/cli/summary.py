"""The headline figures, as a table, and what they say in words."""

import argparse
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

from threefactor.analysis.transfer.readable import readable
from threefactor.config.paths import judge
from threefactor.pipeline.settings.load import findings, load

DASH = "–"

JUDGED = (
    *("condition", "learning rule", "networks", "at criterion"),
    *("restricted mean trials", "ratio to theta_33", "way to the ceiling"),
)
"""Columns of the judged rules that fit a terminal."""

WHY = {
    "median_trials": "not half of the networks reached the criterion",
    "accuracy": "no network reached the criterion",
    "ratio_to_theta_33": "nothing to divide by: θ₃₃ was not retrained",
    "ratio_to_bptt": "nothing to divide by: bptt has not two networks at criterion",
    "largest_z_score": "no gradient has a standard error",
    **dict.fromkeys(
        ("cosine_corrected", "corrected_low", "corrected_high"), "the signal is not clear of sampling noise"
    ),
    **dict.fromkeys(("low", "high"), "too few networks for an interval"),
    **dict.fromkeys(("ratio_low", "ratio_high"), "too few networks for an interval, or nothing to divide by"),
    **dict.fromkeys(("statistic", "effect", "p"), "too few networks or rules to test"),
}
"""Why a figure can be missing, by the last part of its key."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the file of settings, which says where results are."""
    parser.add_argument("--config", type=Path, default=Path("config/config.yaml"), help="file of settings")


def run(arguments: argparse.Namespace) -> int:
    """Print one line a figure, then a paragraph for each finding."""
    config = load(arguments.config)
    path, said = Path(config.results) / "summary.json", findings(config)
    if not path.exists() and not any(said.values()):
        raise FileNotFoundError(f"{path} does not exist; run `snakemake --cores all` first")
    console = Console()
    if path.exists():
        _print_figures(path, console)
    if (judged := Path(judge(config).outputs["rules"])).exists():
        _print_judged(judged, console)
    for name, words in said.items():
        if words:
            console.print(f"\n{name}: {words.replace('``', '')}", highlight=False, markup=False)
    return 0


def _print_figures(path: Path, console: Console) -> None:
    """Print the headline figures of a finished experiment."""
    tree = json.loads(path.read_text(encoding="utf-8"))
    tree.pop("findings", None)
    figures = dict(_flat(tree))
    table = Table("figure", "value", box=None, title=str(path))
    for key, value in figures.items():
        table.add_row(key, _words(value))
    console.print(table)
    for why, names in _reasons(figures).items():
        console.print(f"{DASH} {', '.join(names)}: {why}", highlight=False, soft_wrap=True)


def _print_judged(path: Path, console: Console) -> None:
    """Print the rules under every condition, as far as they were judged."""
    rows = readable(pd.read_csv(path))[list(JUDGED)]
    table = Table(*rows.columns, box=None, title=str(path))
    for row in rows.itertuples(index=False):
        table.add_row(*map(str, row))
    console.print(table)


def _words(value: object) -> str:
    """Write a figure; one that could not be estimated is a dash."""
    if value is None:
        return DASH
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _reasons(figures: Mapping[str, object]) -> dict[str, list[str]]:
    """Say why figures are missing: under each reason the last parts of their keys."""
    found: dict[str, list[str]] = {}
    for name in dict.fromkeys(key.rpartition(".")[2] for key, value in figures.items() if value is None):
        found.setdefault(WHY.get(name, "could not be estimated"), []).append(name)
    return found


def _flat(tree: Mapping[str, object], above: str = "") -> Iterator[tuple[str, object]]:
    """Walk through nested figures, with dotted keys."""
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value
