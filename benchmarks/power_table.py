"""How often the tests of solutions find planted differences: measured, printed and written into docs/results/power.md."""

import argparse
import json
import time
from typing import Any

import torch

from benchmarks import machine
from benchmarks.planted import Plan
from benchmarks.power import CLUSTERS, LEVEL, measure
from benchmarks.report import between
from benchmarks.tables import table

Row = dict[str, Any]

INTERVALS = {
    "held": "over rules, of other rules",
    "held_bootstrap": "bootstrap of rules, of other rules",
    "held_networks": "over initialisations, of other rules",
    "held_these": "over initialisations, of these rules",
}
"""What stands in the table of intervals, by its name in a row."""


def run(arguments: argparse.Namespace) -> None:
    """Measure, print the tables, save what was measured, and write the tables between the markers of the page."""
    torch.set_num_threads(1)
    plan, begin = Plan(arguments.rules, arguments.networks), time.process_time()
    rows = measure(plan, arguments.draws)
    result = {
        "machine": machine.describe(),
        "plan": plan._asdict(),
        "rows": rows,
        "seconds": time.process_time() - begin,
    }
    written = markdown(result)
    text = between(arguments.page, written)
    print(written)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    arguments.page.write_text(text, encoding="utf-8")
    print(f"\nwrote {arguments.output} and {arguments.page}")


def markdown(result: Row) -> str:
    """Return the tables of what is found and of what intervals hold."""
    plan, rows = result["plan"], result["rows"]
    by_study: dict[str, list[Row]] = {}
    for row in rows:
        by_study.setdefault(row["study"], []).append(row)
    width = max(len(own) for own in by_study.values())
    head = ["test", "no difference", *(f"planted ({n})" for n in range(1, width)), "draws"]
    found = [_line(name, own, "found", width) for name, own in by_study.items()]
    found += [
        _line(f"{name}: number is {CLUSTERS}", own, "number", width)
        for name, own in by_study.items()
        if "number" in own[0]
    ]
    with_intervals = {name: own for name, own in by_study.items() if "held" in own[0]}
    held = [
        [label, *(_share(own[0], name) for own in with_intervals.values())]
        for name, label in INTERVALS.items()
    ]
    return (
        f"{plan['rules']} rules of {plan['networks']} networks. Share of draws with p ≤ {LEVEL:g}, ± its standard error, "
        f"and in parentheses the size of what was planted. *draws*: of no difference, and of each difference. "
        f"{result['seconds'] / 60:.0f} minutes on one core of {machine.label(result['machine'])}, "
        f"{result['machine']['date']}.\n\n"
        + table(head, found)
        + "\n\nShare of 95 % intervals that hold the true effect:\n\n"
        + table(["interval", *with_intervals], held)
    )


def _line(name: str, rows: list[Row], what: str, width: int) -> list[str]:
    """Return the row of one study."""
    cells = [f"{_share(row, what)} ({row['size']:g})" if row["size"] else _share(row, what) for row in rows]
    return [name, *cells, *[""] * (width - len(cells)), f"{rows[0]['draws']}, {rows[-1]['draws']}"]


def _share(row: Row, what: str) -> str:
    """Return a share with its standard error, in per cent."""
    share = row[what]
    return f"{100 * share:.1f} ± {100 * (share * (1 - share) / row['draws']) ** 0.5:.1f} %"
