"""What all machines measured: the table of machines in docs/results/speed.md, and the ranges in README.md."""

from collections.abc import Callable
from typing import Any

from benchmarks import machine
from benchmarks.show import OURS, digits, times
from benchmarks.tables import NAMES, Row, details, share, table, timed

SHOWN = (
    ("default", "4x4", "forward"),
    ("default", "odd", "tangents"),
    ("default", "3x3", "tangents"),
    ("default", "4x4", "tangents"),
    ("default", "4x4", "reverse"),
    ("default", "4x4", "bptt"),
)
"""Preset, grid and piece of each column of the table of machines."""

RIVAL = "JAX products"
"""The fastest other implementation."""


def markdown(results: list[dict[str, Any]]) -> str:
    """Return a row for each machine, and all tables of each."""
    return "\n\n".join([_machines(results), *(details(result) for result in results)])


def ranges(results: list[dict[str, Any]]) -> str:
    """Return the span of our times, and of their ratios to the fastest other implementation, over all machines."""
    parts = []
    for piece, words in (
        ("forward", "a trial of learning takes"),
        ("tangents", "with all tangents of 16 coefficients"),
        ("reverse", "in reverse mode"),
    ):
        found = [_pair(result, ("default", "4x4", piece)) for result in results]
        ours = [row["ms"] for row, _ in found if row]
        ratio = [other["ms"] / row["ms"] for row, other in found if row and other]
        if ours:
            faster = f" ({_span(ratio, times)} times faster than JAX)" if ratio else ""
            parts.append(f"{words} {_span(ours, digits)} ms{faster}")
    where = f"On one core of {len(results)} machines" if len(results) > 1 else "On one core"
    return f"{where}, N 128, T 100: {', '.join(parts)}. See [speed](docs/results/speed.md)."


def _span(values: list[float], write: Callable[[float], str]) -> str:
    """Return the least and the most, or the one that both are."""
    least, most = write(min(values)), write(max(values))
    return least if least == most else f"{least}–{most}"


def _machines(results: list[dict[str, Any]]) -> str:
    """Return a row for each machine: our times, part of the floor that is reached, and how much faster than JAX."""
    head = ["one core of", "date", *(f"{NAMES[piece]}, {grid}" for _, grid, piece in SHOWN)]
    body = []
    for result in results:
        cells = []
        for column in SHOWN:
            ours, other = _pair(result, column)
            ratio = f", {times(other['ms'] / ours['ms'])}×" if ours and other else ""
            cells.append(f"{digits(ours['ms'])} ms, {share(ours, 'products')}{ratio}" if ours else "")
        body.append([machine.label(result["machine"]), result["machine"]["date"], *cells])
    return (
        "Ours in ms of CPU time per trial and network, the part of the floor of matrix products that this is, and how "
        f"many times as long {RIVAL} takes; N 128, T 100, B 32, coefficients as named.\n\n"
        + table(head, body)
    )


def _pair(result: dict[str, Any], column: tuple[str, str, str]) -> tuple[Row | None, Row | None]:
    """Return the timed rows of ours and of the rival."""
    rows = [
        row
        for row in result["speed"]["rows"]
        if (row["preset"], row["grid"], row["piece"]) == column and timed(row)
    ]
    found = [next((row for row in rows if row["peer"] == peer), None) for peer in (OURS, RIVAL)]
    return found[0], found[1]
