"""Print what was measured, as tables for a terminal."""

from collections.abc import Iterable

from benchmarks.settings import PIECES

Row = dict[str, object]
OURS = "threefactor"


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
    ratio = "" if row["peer"] == OURS or ours is None else f" ({row['ms'] / ours['ms']:.2f}x)"  # type: ignore[operator]
    return f"{row['ms']:.3g}{ratio}"


def _floor(row: Row | None, name: str) -> str:
    if row is None or "ms" not in row:
        return ""
    least = row[f"floor_{name}"]
    return f"{least:.3g} ({least / row['ms']:.0%} reached)"  # type: ignore[operator]


def table(head: Iterable[str], body: list[list[str]]) -> None:
    """Print columns."""
    rows = [list(head), *body]
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    for row in rows:
        print("  ".join(part.ljust(width) for part, width in zip(row, widths, strict=True)).rstrip())
