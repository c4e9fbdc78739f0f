"""The page on scale: how time and memory grow, and what a large study costs."""

import math
from typing import Any

from benchmarks import machine
from benchmarks.settings import PAPER, config
from benchmarks.show import OURS, digits
from benchmarks.tables import Row, table

SIZES = {"units": "N", "steps": "T", "coefficients": "P", "networks": "B", "trials": "K"}
PIECES = {"forward": "forward", "tangents": "tangents", "reverse": "reverse", "learning_run": "learning run"}

NETWORKS = 1000
"""Of the study that is priced; all else is config/paper.yaml's."""

CARD, TERAFLOPS = "H200", 67.0
"""A GPU and its float32 rate without tensor cores, TFLOP/s, as its maker states it."""


def markdown(results: list[dict[str, Any]]) -> str:
    """Return the tables of the newest run that has the section; a line without one."""
    known = [result for result in results if result.get("scaling")]
    if not known:
        return "Nothing is measured yet: `make bench`."
    newest = max(known, key=lambda result: str(result["machine"]["date"]))
    own = newest["machine"]
    parts = [f"{machine.label(own)}, one core, {own['date']}.", _growth(newest["scaling"]), _study(newest)]
    return "\n\n".join(part for part in parts if part)


def _growth(rows: list[Row]) -> str:
    """Return time, its exponent since the size before, and memory, for each size and piece."""
    body = []
    for varied, piece in dict.fromkeys((row["varied"], row["piece"]) for row in rows):
        size = "coefficients" if varied == "grid" else varied
        line = [row for row in rows if (row["varied"], row["piece"]) == (varied, piece) and "ms" in row]
        cells = [
            f"{row[size]}: {digits(row['ms'])} ms{_exponent(line, n, size)}" for n, row in enumerate(line)
        ]
        held = [f"{digits(row['call_mb'])}" for row in line]
        body.append([SIZES[size], PIECES[piece], ", ".join(cells), " → ".join(held)])
    base = rows[0]
    return (
        f"From N 128, T 100, P 16, B {base['networks']}, one size varied at a time: ms of CPU time per trial and "
        "network, in brackets the exponent since the size before, and MB of a call.\n\n"
        + table(["size", "", "time (exponent)", "MB"], body)
    )


def _exponent(line: list[Row], n: int, size: str) -> str:
    if n == 0:
        return ""
    here, before = line[n], line[n - 1]
    slope = math.log(here["ms"] / before["ms"]) / math.log(here[size] / before[size])
    return f" ({slope:.1f})"


def _study(result: dict[str, Any]) -> str:
    """Return core hours of a study at the poster's scale, and the least that a GPU would need."""
    rows = {
        row["piece"]: row
        for row in result["speed"]["rows"]
        if row["preset"] == "paper" and row["grid"] == "4x4" and row["peer"] == OURS and "ms" in row
    }
    if not rows:
        return ""
    paper = config(PAPER)
    horizon, search = paper.criterion.horizon, paper.metalearn
    learning = search.steps * search.networks * search.trials
    work = {
        f"retrain {NETWORKS} networks to trial {horizon}": ("forward", NETWORKS * horizon),
        f"learn one rule by tangents, {learning:,} trials": ("tangents", learning),
        f"learn one rule by reverse mode, {learning:,} trials": ("reverse", learning),
    }
    networks, body = rows["forward"]["networks"], []
    for name, (piece, trials) in work.items():
        row = rows[piece]
        hours = row["ms"] * trials / 3.6e6
        flops = row["floor_products"] * row["gflops"] * 1e6  # of one trial and network
        body.append(
            [name, f"{digits(row['ms'])} ms", digits(hours), digits(flops * trials / TERAFLOPS / 1e12)]
        )
    return (
        f"What a study at the poster's scale (N 200, T 1000, P 16, B {networks}) costs. The last column is a bound, "
        f"not a measurement: the multiply-adds at the {TERAFLOPS:.0f} TFLOP/s of an {CARD}. No GPU has been measured.\n\n"
        + table(["", "a trial and network", "core hours", "s on the GPU, at least"], body)
    )
