"""The commands: measure, and write what was measured into figures and README."""

import argparse
from pathlib import Path

from benchmarks.one_core import confine

SECTIONS = ("speed", "machine", "memory", "scaling", "processes", "prototype", "pipeline")
PIECES = ("forward", "tangents", "reverse", "bptt")


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    top = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = top.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="measure, print and save")
    run.add_argument("--output", type=Path, default=Path("results/benchmarks.json"), help="file to write")
    run.add_argument(
        "--quick", action="store_true", help="tiny sizes: shows that it works, not how fast it is"
    )
    run.add_argument("--sections", nargs="+", choices=SECTIONS, default=list(SECTIONS))
    run.add_argument("--pieces", nargs="+", choices=PIECES, default=list(PIECES))
    run.add_argument("--regimes", nargs="+", choices=("default", "paper"), default=["default", "paper"])
    run.add_argument("--core", type=int, help="number of the core to run on")
    run.add_argument("--prototype", type=Path, help="source of the C++ simulator to compare with")
    run.add_argument("--results", type=Path, default=Path("results"), help="finished results of the pipeline")
    run.add_argument("--wall", type=float, default=500.0, help="wall time of the default experiment, in s")
    return top


def main() -> None:
    """Run a command."""
    arguments = parser().parse_args()
    arguments.core = confine(arguments.core)
    from benchmarks import run  # only now: torch and JAX read their threads when they are imported

    run.run(arguments)
