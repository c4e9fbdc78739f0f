"""What tuning found for each learning rule, and the budget that each had."""

import argparse
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from rich.console import Console
from rich.table import Table

from threefactor.experiment.settings.errors import SettingsError
from threefactor.experiment.spec import Spec, Values
from threefactor.pipeline import files, inputs, registry
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
    parser.add_argument(
        "--yaml", action="store_true", help="print tune.constants for a file of settings instead"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print a row per rule and constant."""
    config, spec = load(arguments.config), registry.stage("tune")
    if not config.tune.rules:
        raise SettingsError(f"{arguments.config}: tune.rules = []: must name a learning rule")
    found = {values["tuned_rule"]: _table(config, spec, values) for values in spec.jobs(config)}
    if arguments.yaml:
        print(
            yaml.safe_dump({"tune": {"constants": {rule: _constants(one) for rule, one in found.items()}}}),
            end="",
        )
        return 0
    table = Table(*COLUMNS, box=None, title=f"{config.results}/tune")
    for rule, one in found.items():
        for row in one.to_dict("records"):
            table.add_row(rule, *_cells(row))
    Console(width=160).print(table)
    return 0


def _table(config: Any, spec: Spec, values: Values) -> pd.DataFrame:
    """Read a table that stage ``tune`` wrote."""
    path = Path(files.of_job(config, spec, values).outputs["tuned"])
    return inputs.table(path, "tune", "tuned")


def _constants(table: pd.DataFrame) -> dict[str, float]:
    """Return the tuned constants to four digits."""
    return {str(row["name"]): float(f"{row['value']:.4g}") for row in table.to_dict("records")}


def _cells(row: Mapping[Hashable, Any]) -> list[str]:
    """Write a constant, what it was without tuning, and the budget."""
    numbers = [f"{row[name]:.4g}" for name in ("usual", "value", "usual_objective", "objective")]
    return [str(row["name"]), *numbers, *(f"{row[name]:,}" for name in ("draws", "networks", "trials"))]
