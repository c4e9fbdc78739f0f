"""The headline numbers, as a table, and what each figure found in words."""

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table

from threefactor.analysis.transfer.readable_table import readable
from threefactor.pipeline import captions, files, inputs, registry
from threefactor.pipeline.settings.load import load
from threefactor.pipeline.storage import outputs

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


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the file of settings, which says where results are."""
    parser.add_argument("--config", type=Path, default=Path("config/config.yaml"), help="file of settings")


def run(arguments: argparse.Namespace) -> int:
    """Print a line per number, a row per rule and condition, and a paragraph per figure."""
    config = load(arguments.config)
    numbers, compared = (
        _output(config, *place) for place in (("headline", "summary"), ("compare_conditions", "rules"))
    )
    found = {name: one for name, one in captions.findings(config).items() if one}
    if not numbers.exists() and not compared.exists() and not found:
        raise FileNotFoundError(f"{numbers} does not exist; run `snakemake --cores all` first")
    console = Console()
    if numbers.exists():
        _print_numbers(numbers, console)
    if compared.exists():
        _print_compared(compared, console)
    for name, one in found.items():
        if words := captions.finding(name, one):
            console.print(f"\n{name}: {words.replace('``', '')}", highlight=False, markup=False)
    return 0


def _output(config: object, stage: str, name: str) -> Path:
    """Return where an output of a stage of one job lies."""
    return Path(files.of_job(config, registry.stage(stage), {}).outputs[name])


def _print_numbers(path: Path, console: Console) -> None:
    """Print the headline numbers of a finished experiment."""
    inputs.expect_whole(path, registry.stages()["headline"].outputs["summary"])
    figures = dict(_flat(outputs.read_json(path)))
    table = Table("number", "value", box=None, title=str(path))
    for key, value in figures.items():
        table.add_row(key, _words(value))
    console.print(table)
    for why, names in _reasons(figures).items():
        console.print(f"{DASH} {', '.join(names)}: {why}", highlight=False, soft_wrap=True)


def _print_compared(path: Path, console: Console) -> None:
    """Print the learning rules under every condition."""
    rows = readable(inputs.table(path, "compare_conditions", "rules"))
    shown = [str(name) for name in rows if name not in ("diverged", "trials simulated", "log-rank p")][:8]
    table = Table(*shown, box=None, title=str(path))
    for row in rows[shown].itertuples(index=False):
        table.add_row(*map(str, row))
    console.print(table)


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
