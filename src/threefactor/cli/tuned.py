"""What tuning found for each learning rule, and the budget that each had."""

import argparse
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

from threefactor.experiment.settings.errors import SettingsError
from threefactor.pipeline import files, registry
from threefactor.pipeline.settings.load import load

COLUMNS = (
    "learning rule",
    "constant",
    "usual",
    "tuned",
    "usual objective",
    "objective",
    "draws",
    "networks",
    "trials",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the file of settings, which says where results are."""
    parser.add_argument("--config", type=Path, default=Path("config/tuning.yaml"), help="file of settings")


def run(arguments: argparse.Namespace) -> int:
    """Print a row per rule and constant."""
    config, spec = load(arguments.config), registry.stages()["tune"]
    if not config.tune.rules:
        raise SettingsError(f"{arguments.config}: tune.rules = []: must name a learning rule")
    table = Table(*COLUMNS, box=None, title=f"{config.results}/tune")
    for values in spec.jobs(config):
        for row in _rows(Path(files.of_job(config, spec, values).outputs["tuned"])):
            table.add_row(values["tuned_rule"], *row)
    Console(width=160).print(table)
    return 0


def _rows(path: Path) -> list[tuple[str, ...]]:
    """Return the cells of a table that stage ``tune`` wrote."""
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist; stage tune writes it")
    numbers = ("usual", "value", "usual_objective", "objective", "draws", "networks", "trials")
    return [
        (
            str(row["name"]),
            *(f"{row[name]:.4g}" if name in numbers[:4] else f"{row[name]:,}" for name in numbers),
        )
        for row in pd.read_csv(path).to_dict("records")
    ]
