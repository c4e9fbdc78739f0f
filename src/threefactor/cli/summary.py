"""The headline figures, as a table."""

import argparse
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table

from threefactor.config.load import load


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the file of settings, which says where results are."""
    parser.add_argument("--config", type=Path, default=Path("config/config.yaml"), help="file of settings")


def run(arguments: argparse.Namespace) -> int:
    """Print one line a figure."""
    path = Path(load(arguments.config).results) / "summary.json"
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist; run `snakemake --cores all` first")
    table = Table("figure", "value", box=None, title=str(path))
    for key, value in _flat(json.loads(path.read_text(encoding="utf-8"))):
        table.add_row(key, f"{value:.4g}" if isinstance(value, float) else str(value))
    Console().print(table)
    return 0


def _flat(tree: Mapping[str, object], above: str = "") -> Iterator[tuple[str, object]]:
    """Walk through nested figures, with dotted keys."""
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value
