"""Print what was measured, as tables for a terminal."""

from collections.abc import Iterable

from benchmarks.settings import PIECES

Row = dict[str, object]
OURS = "threefactor"
SAME = ("preset", "grid", "networks", "units", "steps", "piece")


# Miconi's own C++ (double precision, -O3) took 27.9 ms for the trial that a JAX scan took 23 ms for, on one machine
MICONI = 27.9 / 23


def exact(rows: list[Row]) -> None:
    """Print the worst agreement in float64, and who disagrees."""
    worst = max(rows, key=lambda row: row["error"])
    print(f"float64, small sizes: {len(rows)} results, largest relative error {worst['error']:.1e}")
    for row in rows:
        if not row["agrees"]:
            print(f"NUMBERS DIFFER: {row['case']}, {row['piece']}, {row['peer']}: {row['error']:.1e}")


def derived(rows: list[Row]) -> None:
    """Print our forward trial against Miconi's program, whose time is derived from that of the JAX scan."""
    for row in rows:
        if (
            row["peer"] != "JAX scan"
            or row["piece"] != "forward"
            or row["preset"] != "paper"
            or "ms" not in row
        ):
            continue
        ours = next(x for x in rows if all(x[key] == row[key] for key in SAME) and x["peer"] == OURS)
        print(
            f"Miconi's C++, derived as {MICONI:.2f} times JAX scan: {MICONI * row['ms']:.1f} ms, "
            f"{MICONI * row['ms'] / ours['ms']:.1f} times ours ({row['grid']}, {row['networks']} networks)"
        )


def case(label: str, rows: list[Row]) -> None:
    """Print times of all peers side by side, each with its ratio to ours."""
    pieces = [piece for piece in PIECES if any(row["piece"] == piece for row in rows)]
    print(f"\n{label}: ms per trial and network (times ours)")
    body = []
    for peer in dict.fromkeys(str(row["peer"]) for row in rows):
        found = {row["piece"]: row for row in rows if row["peer"] == peer}
        body.append([peer, *(cell(found.get(piece), rows) for piece in pieces)])
    ours = {row["piece"]: row for row in rows if row["peer"] == OURS}
    for name in ("products", "fused"):
        body.append([f"floor, {name}", *(_floor(ours.get(piece), name) for piece in pieces)])
    table(["", *pieces], body)


def cell(row: Row | None, rows: list[Row]) -> str:
    """Return the time of a row, with its ratio to ours; or why there is none."""
    if row is None:
        return ""
    if row["skipped"]:
        return str(row["skipped"])
    if not row["agrees"]:
        return f"numbers differ ({row['error']:.0e})"
    ours = next((x for x in rows if x["piece"] == row["piece"] and x["peer"] == OURS and "ms" in x), None)
    ratio = "" if row["peer"] == OURS or ours is None else f" ({times(row['ms'] / ours['ms'])}x)"  # type: ignore[operator]
    return f"{digits(float(row['ms']))}{ratio}"  # type: ignore[arg-type]


def digits(value: float) -> str:
    """Return a number to three digits, or to the whole number."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def times(ratio: float) -> str:
    """Return a ratio to two digits, or to the whole number."""
    return f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.2g}" if ratio < 1 else f"{ratio:.1f}"


def _floor(row: Row | None, name: str) -> str:
    if row is None or "ms" not in row:
        return ""
    least = row[f"floor_{name}"]
    return f"{digits(float(least))} ({least / row['ms']:.0%} reached)"  # type: ignore[operator]


def table(head: Iterable[str], body: list[list[str]]) -> None:
    """Print columns."""
    rows = [list(head), *body]
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    for row in rows:
        print("  ".join(part.ljust(width) for part, width in zip(row, widths, strict=True)).rstrip())
