"""The errors of our rules beside Murray's, measured, printed and written into docs/results/murray.md."""

import argparse
import json
import time
from statistics import median
from typing import Any

import torch

from benchmarks import machine
from benchmarks.murray import VARIANTS, session
from benchmarks.report import between
from benchmarks.tables import table

Row = dict[str, Any]

EARLY = 1000
"""An earlier trial at which errors are compared."""

PUBLISHED = {
    ("RFLO", EARLY): 0.017,
    ("RFLO", 10_000): 1.519e-4,
    ("BPTT, errors a step late", EARLY): 0.011,
    ("BPTT, errors a step late", 10_000): 2.316e-4,
}
"""His errors: the last ones as the notebook in his repository prints them, the earlier ones from its figure, to 10 %."""

UNIT = 1e-3
"""Of the errors in the table."""


def run(arguments: argparse.Namespace) -> None:
    """Train, print the table, save what was measured, and write the table between the markers of the page."""
    torch.set_num_threads(1)
    result = measure(arguments.networks, arguments.trials)
    written = markdown(result)
    text = between(arguments.page, written)
    print(written)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    arguments.page.write_text(text, encoding="utf-8")
    print(f"\nwrote {arguments.output} and {arguments.page}")


def measure(networks: int, trials: int) -> Row:
    """Return the errors of all networks under each rule, early and at the end, and CPU seconds."""
    rows = []
    for variant in VARIANTS:
        session(variant, networks, 1)  # compiles
        begin = time.process_time()
        errors = session(variant, networks, trials)
        spent = time.process_time() - begin
        at = {str(h): errors[:, h - 1].tolist() for h in (EARLY, trials) if h <= trials}
        rows.append({"rule": variant.label, "errors": at, "seconds": spent})
    return {"machine": machine.describe(), "networks": networks, "trials": trials, "rows": rows}


def markdown(result: Row) -> str:
    """Return the table of all rules."""
    trials, networks = result["trials"], result["networks"]
    shown = [h for h in (EARLY, trials) if h <= trials]
    head = ["rule", *(cell for h in shown for cell in (f"error, trial {h:,}", "his")), "as low as his", "s"]
    body = [[row["rule"], *_cells(row, shown), f"{row['seconds']:.0f}"] for row in result["rows"]]
    return (
        f"Errors are means of (y − y*)² / 2 over a trial, in units of {UNIT:g}: median (range) of {networks} networks, "
        f"and his one network. *As low as his*: how many networks end with an error of at most his. *s*: CPU seconds "
        f"of all {networks} networks, on one core of {machine.label(result['machine'])}, {result['machine']['date']}.\n\n"
        + table(head, body)
    )


def _cells(row: Row, shown: list[int]) -> list[str]:
    """Return the errors of a rule beside his, and how many networks end as low as his."""
    cells = []
    for trial in shown:
        his = PUBLISHED.get((row["rule"], trial))
        cells += [_spread(row["errors"][str(trial)]), "" if his is None else f"{his / UNIT:.2g}"]
    last = PUBLISHED.get((row["rule"], shown[-1]))
    errors = row["errors"][str(shown[-1])]
    return [*cells, "" if last is None else f"{sum(error <= last for error in errors)} of {len(errors)}"]


def _spread(errors: list[float]) -> str:
    """Return the median and the range."""
    return "{:.2g} ({:.2g} to {:.2g})".format(*(f(errors) / UNIT for f in (median, min, max)))
