"""What `recover` recovered of one rule, printed and written."""

from pathlib import Path
from typing import NamedTuple

import pandas as pd
from rich.table import Table

from threefactor.cli.console import console
from threefactor.experiment.work import Output
from threefactor.pipeline.storage import outputs
from threefactor.plotting import palette, recovery
from threefactor.plotting.recovery import Constant


class Recovered(NamedTuple):
    """Tables of one recovered rule."""

    rows: pd.DataFrame  # a row per data and term
    growth: pd.DataFrame  # error by number of trials; empty where the truth is unknown
    constants: dict[str, Constant]  # by name


def show(found: Recovered) -> None:
    """Print a table for each data, of the terms that the rule has or that were found, and the constants."""
    terminal = console()
    for label, rows in found.rows.groupby("data", sort=False):
        first = rows.iloc[0]
        error = f", relative error {first.relative_error:.2g}" if "relative_error" in rows else ""
        counts = f"{first.trials} trials, {first.rows} changes, {first.clipped} clipped ones left out"
        terminal.print(f"\n{label}: {counts}{error}", highlight=False)
        shown = rows[rows.found | (rows.true.fillna(0) != 0)]
        terminal.print(_grid(shown))
        terminal.print(f"{len(rows) - len(shown)} other terms: none found", highlight=False)
    for name, constant in found.constants.items():
        true = "" if constant.true is None else f", true {constant.true:g}"
        best = constant.curve.best.iloc[0]
        interval = f"[{constant.low:.6g}, {constant.high:.6g}]"
        terminal.print(f"{name}: {best:.6g} {interval}{true}", highlight=False)


def _grid(shown: pd.DataFrame) -> Table:
    """Return terms as a table for the terminal."""
    grid = Table("term", "true", "recovered", "95 % interval", "p (Holm)", "found", box=None)
    for row in shown.to_dict("records"):
        grid.add_row(
            palette.term(f"{row['k']}{row['l']}"),
            "–" if row["true"] != row["true"] else f"{row['true']:.6g}",
            f"{row['recovered']:.8g}",
            f"[{row['low']:.6g}, {row['high']:.6g}]",
            f"{row['p']:.2g}",
            "yes" if row["found"] else "no",
        )
    return grid


def write(path: Path, found: Recovered, title: str, dpi: float) -> None:
    """Write the drawing, and tables beside it."""
    files: dict[Path, Output] = {
        path: recovery.page(found.rows, found.growth, found.constants, title, dpi),
        path.with_suffix(".csv"): found.rows,
    }
    if len(found.growth):
        files[path.with_suffix(".trials.csv")] = found.growth
    if found.constants:
        parts = [
            one.curve.assign(constant=name, low=one.low, high=one.high, true=one.true)
            for name, one in found.constants.items()
        ]
        files[path.with_suffix(".constants.csv")] = pd.concat(parts, ignore_index=True)
    outputs.save(files)
    print(f"written: {', '.join(map(str, files))}")
