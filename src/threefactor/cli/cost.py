"""CPU time of each stage, from the logs of the last run of its jobs."""

import argparse
from pathlib import Path

from rich.table import Table

from threefactor.cli.config_option import add_config, given
from threefactor.cli.console import console
from threefactor.pipeline import cost


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the file of settings, which says where results are."""
    add_config(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print a row a stage, and the sum."""
    logs = Path(given(arguments).results, "logs")
    stages = cost.by_stage(logs)
    if not stages:
        raise FileNotFoundError(f"{logs} has no log of a finished job; run `snakemake --cores all` first")
    jobs, seconds, start = (sum(values) for values in list(zip(*stages, strict=True))[1:])
    table = Table("stage", box=None, title=str(logs))
    for name in ("jobs", "CPU (s)", "to start (s)", "share"):
        table.add_column(name, justify="right")
    for one in (*stages, cost.Cost("all", jobs, seconds, start)):
        share = f"{one.cpu_s / seconds:.0%}"
        table.add_row(one.stage, str(one.jobs), f"{one.cpu_s:.1f}", f"{one.start_s:.1f}", share)
    console().print(table)
    return 0
