"""What tuning found for each learning rule, and the budget that each had."""

import argparse
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from rich.table import Table

from threefactor.cli.config_option import add_config, file, given
from threefactor.cli.console import console
from threefactor.experiment.settings.errors import SettingsError
from threefactor.experiment.spec import Spec, Values
from threefactor.pipeline import files, inputs, registry

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
    add_config(parser, Path("config/tuning.yaml"))
    parser.add_argument(
        "--yaml", action="store_true", help="print tune.constants for a file of settings instead"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print a row per rule and constant."""
    config, spec = given(arguments), registry.stage("tune")
    if not config.tune.rules:
        raise SettingsError(
            f"{file(arguments) or 'built-in settings'}: tune.rules = []: must name a learning rule"
        )
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
    console().print(table)
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
