"""How the time grows with each size, ours and the nearest peer's."""

from benchmarks import speed
from benchmarks.settings import Case, Plan

PEERS = ("threefactor", "JAX products")
BASE = Case("default", "4x4", 8, 4, 128, 100)
SIZES: dict[str, tuple[object, ...]] = {
    "units": (64, 128, 256, 400),
    "steps": (50, 100, 400, 1000),
    "grid": ("33", "3x3", "4x4", "6x6"),
    "networks": (1, 4, 16, 64),
    "trials": (2, 8, 32),
}
QUICK_BASE = Case("default", "3x3", 2, 2, 20, 10)
QUICK_SIZES: dict[str, tuple[object, ...]] = {"units": (16, 32)}

Row = dict[str, object]


def measure(plan: Plan, quick: bool) -> list[Row]:
    """Return rows of us and the nearest peer as `speed.measure` does, each with what was ``varied``.

    With the number of trials, learning runs are measured.
    """
    base, sizes, peers = (QUICK_BASE, QUICK_SIZES, PEERS[:1]) if quick else (BASE, SIZES, PEERS)
    rows = []
    for name, values in sizes.items():
        pieces = (
            ["learning_run", "reverse"] if name == "trials" else ["forward", "tangents", "reverse", "bptt"]
        )
        for value in values:
            case = base._replace(**{name: value})
            measured = speed.measure(case, pieces, plan._replace(rounds=min(3, plan.rounds)), peers)
            rows += [row | {"varied": name} for row in measured]
    return rows


def show(rows: list[Row]) -> None:
    """Print a line for each size, piece and peer."""
    print("\nScaling from the base case, ms per trial and network")
    for row in rows:
        value = row[str(row["varied"])]
        time = f"{row['ms']:10.4f}" if "ms" in row else f"numbers differ ({row['error']:.0e})"
        print(f"{row['varied']:9} {value!s:6} {row['piece']:9} {row['peer']:15} {time}")
