"""Which files of a folder of results are whole, in a table."""

import argparse
from pathlib import Path

from rich.console import Console
from rich.table import Table

from threefactor.experiment.settings.errors import SettingsError
from threefactor.pipeline import verify
from threefactor.pipeline.settings.load import load


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the folder."""
    parser.add_argument(
        "results", type=Path, nargs="?", help="folder of results (default: that of the settings)"
    )
    parser.add_argument("--config", type=Path, default=Path("config/config.yaml"), help="file of settings")


def run(arguments: argparse.Namespace) -> int:
    """Print a row per stage and figure, and a line per file that is not whole; return 1 if there is one."""
    results = arguments.results or Path(load(arguments.config).results)
    if not results.is_dir():
        raise SettingsError(f"{results}: must be a folder of results")
    found = list(verify.looks(results))
    if not found:
        raise SettingsError(f"{results}: must be a folder of results; no stage wrote a file there")
    table = Table("stage or figure", "files", "whole", "not whole", box=None, title=str(results))
    for maker in dict.fromkeys(look.maker for look in found):
        damaged = [bool(look.fault) for look in found if look.maker == maker]
        table.add_row(maker, *map(str, (len(damaged), damaged.count(False), damaged.count(True) or "–")))
    console = Console()
    console.print(table)
    faults = [look.fault for look in found if look.fault]
    for fault in faults:
        console.print(fault, markup=False, highlight=False, soft_wrap=True)
    console.print(f"{len(found) - len(faults)} of {len(found)} files are whole", highlight=False)
    return 1 if faults else 0
