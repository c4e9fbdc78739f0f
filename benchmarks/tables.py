"""The tables of docs/results/speed.md that show one machine."""

from collections.abc import Iterable
from typing import Any

from benchmarks import machine
from benchmarks.settings import Case
from benchmarks.show import MICONI, OURS, digits, times

Row = dict[str, Any]
NAMES = {"forward": "forward", "tangents": "tangents", "reverse": "reverse", "bptt": "BPTT"}


def details(result: dict[str, Any]) -> str:
    """Return all tables of a machine."""
    rows, own = result["speed"]["rows"], result["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in own["versions"].items())
    head = f"One core, {own['date']}; Python {own['python']}, {versions}."
    if result.get("quick"):
        head = f"Tiny sizes (--quick), which say nothing about speed. {head}"
    parts = [f"### {machine.label(own)}", head, _main(rows), _grids(rows), _notes(result)]
    return "\n\n".join(part for part in parts if part)


def _main(rows: list[Row]) -> str:
    """Return ms per trial and network of ours, and how many times that each peer takes."""
    columns = [(row["preset"], row["networks"], row["piece"]) for row in rows if _central(row)]
    columns = list(dict.fromkeys(columns))
    named = [f"{preset}, {NAMES[piece]}" for preset, _, piece in columns]
    body = []
    for peer in dict.fromkeys(row["peer"] for row in rows):
        cells = [_cell(_find(rows, peer, column), _find(rows, OURS, column)) for column in columns]
        body.append([f"**{peer}**" if peer == OURS else peer, *cells])
    ours = [_find(rows, OURS, column) for column in columns]
    for name in ("products", "fused"):
        body.append([f"floor ({name}) / ours", *(share(row, name) for row in ours)])
    sizes = {row["preset"]: _sizes(row) for row in rows if _central(row)}
    title = "; ".join(f"*{preset}*: {size}" for preset, size in sizes.items())
    return f"Ours in ms of CPU time per trial and network, peers as multiples of it. {title}.\n\n" + table(
        ["", *named], body
    )


def _grids(rows: list[Row]) -> str:
    """Return our tangents, and the multiples of the JAX forms, for every number of coefficients."""
    body = []
    cases = dict.fromkeys((row["preset"], row["networks"], row["grid"]) for row in rows)
    peers = list(dict.fromkeys(row["peer"] for row in rows if row["piece"] == "tangents"))
    for case in cases:
        found = [row for row in rows if (row["preset"], row["networks"], row["grid"]) == case]
        tangents = {row["peer"]: row for row in found if row["piece"] == "tangents"}
        if OURS not in tangents:
            continue
        label = f"{case[0]}, B {case[1]}, P {found[0]['coefficients']} ({case[2]})"
        cells = [_cell(tangents.get(peer), tangents[OURS]) for peer in peers]
        body.append([label, *cells, share(tangents[OURS], "products"), share(tangents[OURS], "fused")])
    if not body:
        return ""
    return "Tangents, for every grid of coefficients:\n\n" + table(
        ["", *peers, "floor (products) / ours", "floor (fused) / ours"], body
    )


def _notes(result: dict[str, Any]) -> str:
    """Return what else was measured, a line each."""
    lines = []
    for row in result["speed"]["rows"]:
        if (
            row["peer"] == "JAX scan"
            and row["piece"] == "forward"
            and row["preset"] == "paper"
            and timed(row)
        ):
            ours = _find(result["speed"]["rows"], OURS, (row["preset"], row["networks"], row["piece"]))
            if _central(row) and timed(ours):
                ratio = MICONI * row["ms"] / ours["ms"]
                lines.append(
                    f"Miconi's C++, derived as {MICONI:.2f} times the JAX scan (27.9 against 23 ms on one machine): "
                    f"{ratio:.1f} times ours."
                )
    for row in result.get("prototype", []):
        ms = row["ms"]
        lines.append(
            f"C++ simulator compiled for this processor, {row['grid']}: {ms['prototype']:.3f} ms a trial with its own "
            f"perturbations; ours {ms['given']:.3f}, {ms['drawn']:.3f} with drawing."
        )
    for row in result.get("processes", []):
        lines.append(
            f"Two processes on two cores, {row['piece']}: {row['ratio']:.2f} times the calls of one."
        )
    lines += _memory(result.get("memory", []))
    if "pipeline" in result:
        row = result["pipeline"]
        lines.append(
            f"Snakemake: {row['ms_per_job']:.0f} ms a job and {row['start_s']:.1f} s to start, "
            f"{row['share']:.1%} of an experiment of {row['jobs']} jobs in {row['wall_s']:.0f} s."
        )
    return "\n".join(f"- {line}" for line in lines)


def _memory(rows: list[Row]) -> list[str]:
    """Return what a trial of horizon costs, and the largest process."""
    lines = []
    for peer in dict.fromkeys(row["peer"] for row in rows if row["piece"] == "reverse"):
        found = {
            row["trials"]: row["call_mb"] for row in rows if row["peer"] == peer and row["piece"] == "reverse"
        }
        if len(found) == 2:
            short, long = sorted(found)
            each = (found[long] - found[short]) / (long - short)
            lines.append(f"Reverse, memory per trial of horizon, {peer}: {each:.1f} MB.")
    if rows:
        most = rows[-1]
        size = f"N {most['units']}, T {most['steps']}, P {most['coefficients']}"
        lines.append(f"Tangents at {size}: {most['process_mb'] / 1024:.2f} GB for the whole process.")
    return lines


def _central(row: Row) -> bool:
    """Return whether a row belongs in the main table: 16 coefficients (or all there are), one network on paper."""
    return row["grid"] in ("4x4", "odd", "3x3")[: 1 if row["units"] > 64 else 3] and not (
        row["preset"] == "paper" and row["networks"] > 1
    )


def _find(rows: Iterable[Row], peer: str, column: tuple[str, int, str]) -> Row | None:
    keys = ("preset", "networks", "piece")
    return next(
        (
            row
            for row in rows
            if _central(row) and row["peer"] == peer and tuple(row[k] for k in keys) == column
        ),
        None,
    )


def _cell(row: Row | None, ours: Row | None) -> str:
    """Return the time of ours, or the multiple of a peer."""
    if row is None:
        return ""
    if row["skipped"]:
        return f"({row['skipped']})"
    if not row["agrees"]:
        return "(numbers differ)"
    if row["peer"] == OURS:
        return f"**{digits(row['ms'])} ms**"
    return times(row["ms"] / ours["ms"]) if ours is not None and timed(ours) else ""


def share(row: Row | None, name: str) -> str:
    return f"{row[f'floor_{name}'] / row['ms']:.0%}" if timed(row) and row is not None else ""


def timed(row: Row | None) -> bool:
    return row is not None and "ms" in row


def _sizes(row: Row) -> str:
    case = Case(**{name: row[name] for name in Case._fields})
    return f"N {case.units}, T {case.steps}, B {case.networks}, P {case.coefficients}"


def table(head: list[str], body: list[list[str]]) -> str:
    """Return a table in markdown, without the rows that are empty."""
    full = [row for row in body if any(row[1:])]
    lines = [head, ["---"] + ["--:"] * (len(head) - 1), *full]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
