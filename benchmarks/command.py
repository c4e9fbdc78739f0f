"""Measure how fast threefactor is beside its peers, and how it learns beside published runs; write figures and docs."""

import argparse
import json
from pathlib import Path

from benchmarks import one_core

SECTIONS = ("speed", "rates", "phases", "memory", "scaling", "processes", "prototype", "pipeline")
PIECES = ("forward", "tangents", "reverse", "bptt")
PRESETS = ("default", "paper")
SAVED = Path("results/benchmarks.json")


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    top = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = top.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="measure, print and save")
    run.add_argument("--output", type=Path, default=SAVED, help="file to write")
    run.add_argument(
        "--quick", action="store_true", help="tiny sizes: shows that it works, not how fast it is"
    )
    run.add_argument("--sections", nargs="+", choices=SECTIONS, default=list(SECTIONS), metavar="SECTION")
    run.add_argument("--pieces", nargs="+", choices=PIECES, default=list(PIECES), metavar="PIECE")
    run.add_argument("--presets", nargs="+", choices=PRESETS, default=list(PRESETS), metavar="PRESET")
    run.add_argument(
        "--peers", nargs="+", default=[], metavar="PEER", help="names as printed; all if not given"
    )
    run.add_argument("--core", type=int, help="number of the core to run on")
    run.add_argument("--prototype", type=Path, help="source of the C++ simulator to compare with")
    run.add_argument("--results", type=Path, default=Path("results"), help="finished results of the pipeline")
    run.add_argument("--wall", type=float, default=500.0, help="wall time of the default experiment, in s")
    report = commands.add_parser(
        "report", help="add a saved run to the machines of docs/results/speed.md, and draw it"
    )
    report.add_argument("--input", type=Path, default=SAVED, help="file that `run` wrote")
    report.add_argument(
        "--pages", type=Path, default=Path("docs/results"), help="folder of the pages with the markers"
    )
    report.add_argument("--readme", type=Path, default=Path("README.md"), help="front page with its markers")
    report.add_argument(
        "--machines", type=Path, default=Path("benchmarks/machines"), help="folder of what machines measured"
    )
    report.add_argument("--figures", type=Path, default=Path("docs/images"), help="folder of the figures")
    gpu = commands.add_parser("gpu", help="test and measure a GPU, with torch, numpy and pytest alone")
    gpu.add_argument("--output", type=Path, default=Path("results/gpu.json"), help="file to write")
    gpu.add_argument("--device", choices=("cuda", "cpu"), default="cuda", help="cpu shows that it works")
    gpu.add_argument("--limit", type=float, default=400.0, help="time after which no part begins, in s")
    gpu.add_argument("--quick", action="store_true", help="tiny sizes")
    _murray(commands)
    output = commands.add_parser(
        "force", help="compare full-FORCE with FORCE on a periodic output, as published"
    )
    output.add_argument("--quick", action="store_true", help="tiny sizes: shows that it works")
    _distances(commands)
    _measures(commands)
    _power(commands)
    _internal(commands)
    return top


def _murray(commands: argparse._SubParsersAction) -> None:  # type: ignore[type-arg]
    """Add the command that compares our learning rules with published errors."""
    murray = commands.add_parser(
        "murray", help="train as Murray (2019) did, print errors beside his, and write them into the docs"
    )
    murray.add_argument("--networks", type=int, default=24, help="networks of each rule")
    murray.add_argument("--trials", type=int, default=10_000, help="trials of learning")
    murray.add_argument("--core", type=int, help="number of the core to run on")
    murray.add_argument(
        "--output", type=Path, default=Path("benchmarks/published/murray.json"), help="file to write"
    )
    murray.add_argument(
        "--page", type=Path, default=Path("docs/results/murray.md"), help="page with the markers"
    )


def _distances(commands: argparse._SubParsersAction) -> None:  # type: ignore[type-arg]
    """Add the command that compares distances between networks with published packages."""
    distances = commands.add_parser(
        "distances", help="time distances between networks, and compare them with published packages"
    )
    distances.add_argument("--networks", type=int, default=192, help="networks, drawn at random")
    distances.add_argument("--units", type=int, default=128, help="units of each")
    distances.add_argument(
        "--packages",
        nargs="+",
        type=Path,
        default=[],
        metavar="FOLDER",
        help="folders to import netrep, rsatoolbox and DSA (of dsa-metric) from, where they are not installed",
    )


def _measures(commands: argparse._SubParsersAction) -> None:  # type: ignore[type-arg]
    """Add the command that times measures of networks."""
    measures = commands.add_parser("measures", help="time the measures of networks, and the null models")
    measures.add_argument("--networks", type=int, default=8, help="networks")
    measures.add_argument("--units", type=int, default=128, help="units of each")
    measures.add_argument("--trials", type=int, default=200, help="trials of learning by BPTT at most")
    measures.add_argument("--core", type=int, help="number of the core to run on")


def _power(commands: argparse._SubParsersAction) -> None:  # type: ignore[type-arg]
    """Add the command that shows which differences between solutions are found."""
    power = commands.add_parser(
        "power", help="plant differences between networks, and write into the docs how often tests find them"
    )
    power.add_argument(
        "--draws", type=int, default=200, help="draws of each difference; more of no difference"
    )
    power.add_argument("--rules", type=int, default=8, help="rules, a multiple of four")
    power.add_argument("--networks", type=int, default=24, help="networks of each rule")
    power.add_argument("--core", type=int, help="number of the core to run on")
    power.add_argument(
        "--output", type=Path, default=Path("benchmarks/published/power.json"), help="file to write"
    )
    power.add_argument(
        "--page", type=Path, default=Path("docs/results/power.md"), help="page with the markers"
    )


def _internal(commands: argparse._SubParsersAction) -> None:  # type: ignore[type-arg]
    """Add the commands that `run` starts in processes of their own."""
    memory = commands.add_parser("memory-of")
    memory.add_argument("case", type=json.loads)
    memory.add_argument("piece")
    memory.add_argument("peer")
    work = commands.add_parser("work")
    work.add_argument("case", type=json.loads)
    work.add_argument("piece")
    for command in (memory, work):
        command.add_argument("--core", type=int)


def main() -> None:
    """Run a command."""
    arguments = parser().parse_args()
    if arguments.command == "report":
        from benchmarks.report import write

        write(arguments.input, arguments.pages, arguments.readme, arguments.figures, arguments.machines)
        return
    if arguments.command == "gpu":
        from benchmarks import gpu

        gpu.run(arguments.output, arguments.device, arguments.limit, arguments.quick)
        return
    if arguments.command == "distances":
        from benchmarks import distances

        distances.run(arguments.networks, arguments.units, arguments.packages)
        return
    if arguments.command == "force":
        from benchmarks import periodic_output

        periodic_output.run(arguments.quick)
        return
    arguments.cores = one_core.allowed()
    one_core.confine(arguments.core)
    if arguments.command == "murray":
        from benchmarks import murray_table

        murray_table.run(arguments)
        return
    if arguments.command == "measures":
        from benchmarks import measures

        measures.run(arguments.networks, arguments.units, arguments.trials)
        return
    if arguments.command == "power":
        from benchmarks import power_table

        power_table.run(arguments)
        return
    from benchmarks import run  # only now: torch and JAX read their threads when they are imported

    getattr(run, arguments.command.replace("-", "_"))(arguments)
