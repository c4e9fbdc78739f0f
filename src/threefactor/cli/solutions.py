"""What was found of the solutions of all learning rules: a row per claim and metric."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console
from rich.table import Table

from threefactor.experiment.settings.errors import SettingsError
from threefactor.pipeline import files, registry
from threefactor.pipeline.settings.load import load
from threefactor.pipeline.storage import outputs

COLUMNS = ("claim", "of", "effect", "95 % interval", "null", "p", "as")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the file of settings, which says where results are, and the level."""
    parser.add_argument("--config", type=Path, default=Path("config/config.yaml"), help="file of settings")
    parser.add_argument("--level", type=float, help="level of noise-free error (default: analyse.level)")


def run(arguments: argparse.Namespace) -> int:
    """Print the claims at one level."""
    config = load(arguments.config)
    path = Path(files.of_job(config, registry.stages()["compare_solutions"], {}).outputs["claims"])
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist; stage compare_solutions writes it")
    claims = outputs.read_table(path)
    level = config.analyse.level if arguments.level is None else arguments.level
    known = sorted(set(claims.level), reverse=True)
    if level not in known:
        raise SettingsError(f"--level {level:g}: must be one of {', '.join(f'{one:g}' for one in known)}")
    table = Table(*COLUMNS, box=None, title=f"{path}, level {level:g}")
    for row in claims[claims.level == level].to_dict("records"):
        table.add_row(*_cells({str(key): value for key, value in row.items()}))
    Console(width=170).print(table)
    return 0


def _cells(row: Mapping[str, Any]) -> list[str]:
    """Write one claim."""
    interval = f"{row['low']:.2f} to {row['high']:.2f}" if pd.notna(row["low"]) else "–"
    p = f"{row['p']:.4f}" if pd.notna(row["p"]) else "–"
    numbers = [f"{row['effect']:.2f}", interval, f"{row['null']:.2f}", p]
    return [str(row["claim"]), str(row["of"]), *numbers, str(row["as"])]
