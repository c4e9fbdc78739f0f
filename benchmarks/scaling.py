"""How time and memory grow with each size of the problem."""

from benchmarks import memory, speed
from benchmarks.peers import ours
from benchmarks.settings import Case, Plan

BASE = Case("default", "4x4", 8, 4, 128, 100)
SIZES: dict[str, tuple[object, ...]] = {
    "units": (64, 128, 256, 512, 1024),
    "steps": (50, 100, 200, 400, 1000),
    "grid": ("33", "3x3", "4x4", "6x6"),
    "networks": (1, 4, 16, 64),
    "trials": (2, 8, 32),
}
QUICK_BASE = Case("default", "3x3", 2, 2, 20, 10)
QUICK_SIZES: dict[str, tuple[object, ...]] = {"units": (16, 32)}

Row = dict[str, object]


def measure(plan: Plan, quick: bool) -> list[Row]:
    """Return rows as `speed.measure` does, of us alone, each with what was ``varied`` and the memory of a call.

    With the number of trials, learning runs are measured.
    """
    base, sizes = (QUICK_BASE, QUICK_SIZES) if quick else (BASE, SIZES)
    rows = []
    for name, values in sizes.items():
        pieces = ["learning_run", "reverse"] if name == "trials" else ["forward", "tangents", "reverse"]
        for value in values:
            case = base._replace(**{name: value})
            measured = speed.measure(
                case, pieces, plan._replace(rounds=min(3, plan.rounds)), (ours.PEER.name,)
            )
            rows += [row | {"varied": name} | _memory(case, str(row["piece"])) for row in measured]
    return rows


def show(rows: list[Row]) -> None:
    """Print a line for each size and piece."""
    print("\nScaling from the base case, ms per trial and network, and MB of a call")
    for row in rows:
        value = row[str(row["varied"])]
        time = f"{row['ms']:10.4f}" if "ms" in row else f"numbers differ ({row['error']:.0e})"
        print(f"{row['varied']:9} {value!s:6} {row['piece']:12} {time} {row['call_mb']:9.1f}")


def _memory(case: Case, piece: str) -> Row:
    """Return what a call takes beyond what stood before it, MB."""
    return {"call_mb": memory.ask(case, piece, ours.PEER.name)["call_mb"]}
