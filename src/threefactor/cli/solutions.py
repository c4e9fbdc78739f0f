"""What was found of the solutions of all learning rules: a row per claim and metric."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from rich.table import Table

from threefactor import seeding
from threefactor.analysis.measures import MEASURES
from threefactor.analysis.solutions.across_tasks import across_tasks
from threefactor.cli.config_option import add_config, given
from threefactor.cli.console import console
from threefactor.experiment.settings.errors import SettingsError
from threefactor.pipeline import files, inputs, registry

COLUMNS = ("claim", "of", "effect", "95 % interval", "null", "p", "as")


SHARES = ("factor", "R²", "by chance", "adjusted", "p")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the file of settings, which says where results are, the level, and the experiment on another task."""
    add_config(parser)
    parser.add_argument("--level", type=float, help="level of noise-free error (default: analyse.level)")
    parser.add_argument(
        "--and-results",
        metavar="FOLDER",
        help="results of the same experiment on another task: compare measures of networks of both instead",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the claims at one level, or what explains the measures of networks of two tasks."""
    config = given(arguments)
    level = config.analyse.level if arguments.level is None else arguments.level
    if arguments.and_results:
        _print_both(config, arguments.and_results, level)
    else:
        _print_claims(config, level)
    return 0


def _print_claims(config: Any, level: float) -> None:
    """Print the claims at one level."""
    path = Path(files.of_job(config, registry.stage("compare_solutions"), {}).outputs["claims"])
    claims = inputs.table(path, "compare_solutions", "claims")
    known = sorted(set(claims.level), reverse=True)
    if level not in known:
        raise SettingsError(f"--level {level:g}: must be one of {', '.join(f'{one:g}' for one in known)}")
    table = Table(*COLUMNS, box=None, title=f"{path}, level {level:g}")
    for row in claims[claims.level == level].to_dict("records"):
        table.add_row(*_cells({str(key): value for key, value in row.items()}))
    console().print(table)


def _print_both(config: Any, other: str, level: float) -> None:
    """Print what explains the measures of the networks of two experiments, and how well they tell the rule."""
    networks = {folder: _networks(config, folder, level) for folder in (config.results, other)}
    names = [measure.name for measure in MEASURES if measure.compared]
    source = seeding.generator(config.seed, "solutions", "tasks")
    try:
        found = across_tasks(networks, names, config.compare_solutions.permutations, generator=source)
    except ValueError as problem:
        raise SettingsError(f"--and-results {other}: {problem}") from problem
    table = Table(
        *SHARES, box=None, title=f"{found.networks} networks, level {level:g}: {', '.join(found.measures)}"
    )
    for share in found.shares:
        numbers = (share.effect, share.null, share.adjusted, share.p)
        table.add_row(share.factor, *(f"{one:.3f}" if pd.notna(one) else "–" for one in numbers))
    console().print(table)
    told = found.accuracy
    print(
        f"rule told with a gain of a task left out: {told.accuracy:.2f} of networks ({told.chance:.2f} by chance, "
        f"p = {told.p:.3f})"
    )


def _networks(config: Any, folder: str, level: float) -> pd.DataFrame:
    """Read the analysed networks of all rules at a level."""
    spec, found = registry.stage("analyse"), []
    for values in spec.jobs(config):
        pattern = spec.outputs["networks"]
        found.append(inputs.table(Path(folder, pattern.format(**values)), "analyse", "networks"))
    table = pd.concat(found, ignore_index=True)
    return table[table.analysed.astype(bool) & (table.level == level)]


def _cells(row: Mapping[str, Any]) -> list[str]:
    """Write one claim."""
    interval = f"{row['low']:.2f} to {row['high']:.2f}" if pd.notna(row["low"]) else "–"
    p = f"{row['p']:.4f}" if pd.notna(row["p"]) else "–"
    numbers = [f"{row['effect']:.2f}", interval, f"{row['null']:.2f}", p]
    return [str(row["claim"]), str(row["of"]), *numbers, str(row["as"])]
