"""The command line: one subcommand a stage, and a few tools."""

import argparse
import importlib
import io
import logging
import os
import signal
import sys
from collections.abc import Sequence
from importlib import metadata

from threefactor import homes
from threefactor.cli.config_option import spread
from threefactor.cli.help_text import HelpFormatter, listed
from threefactor.cli.stage import add_stage
from threefactor.declarations import ContractError, DeclarationError
from threefactor.experiment.settings.errors import SettingsError
from threefactor.pipeline import registry
from threefactor.pipeline.storage.damage import DamagedError

TOOLS = {
    "init": "write the Snakefile, workflow, settings and profiles of a new experiment into a folder",
    "learn": "train a few networks on a task and draw how they learn, in a minute and without the pipeline",
    "check": "look at one learning rule or task alone, a line for each thing that it must be",
    "export": "write trained networks to a file for numpy, MATLAB, xarray or torch",
    "register": "register the networks of the best learning rule as a model in MLflow",
    "settings": "list the keys of the settings with values and meanings: all, of a block, or those that a word leads to",
    "draw": "draw one figure from the results that lie there",
    "ui": "serve MLflow's pages on 127.0.0.1 and print the address of this experiment",
    "doctor": "report versions, device, threads and the MLflow store",
    "cost": "print the CPU time of each stage, and how much of it jobs took to start",
    "solutions": "print what was found of the solutions of all learning rules, at one level of error",
    "tuned": "print the constants that tuning found for each learning rule, and the budget that each had",
    "verify": "tell which files of a folder of results are whole, and what makes the others again",
    "summary": "print a row a learning rule, where the report is and how MLflow opens; or everything",
}
"""Subcommands that are not stages, each a module of this folder with `add_arguments` and `run`."""

EXTENDED = ("recover",)
"""Stages whose subcommand does more than run the stage: such a module, too."""

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""Jobs run side by side, one thread each; libraries read these when they are imported."""

USER_ERRORS = (SettingsError, DeclarationError, ContractError, SyntaxError, FileNotFoundError)
"""Wrong use, which the user can mend: one line, no traceback."""

FAILURES = (OSError, FloatingPointError, DamagedError)
"""What happens to a sound command - a full disk, numbers that overflow, a file cut off: one line, but another status."""


def main(words: Sequence[str] | None = None) -> int:
    """Run one subcommand and return its exit status: 0, 1 (failed), 2 (wrong use), 143 (terminated)."""
    words = sys.argv[1:] if words is None else list(words)
    homes.provide()
    for name in THREADS:
        os.environ.setdefault(name, "1")
    _print_anything()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s", stream=sys.stderr)
    try:
        arguments = _parser(words).parse_args(spread(words))
        return int(arguments.run(arguments))
    except USER_ERRORS as problem:
        print(f"Error: {_words(problem)}", file=sys.stderr)
        return 2
    except FAILURES as problem:
        print(f"Error: {_words(problem)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _words(problem: BaseException) -> str:
    """Put a failure into one line; an error of the system names its file."""
    if isinstance(problem, OSError) and problem.filename is not None:
        return f"{problem.filename}: {problem.strerror}"
    if isinstance(problem, SyntaxError):
        return f"{problem.filename}: must be Python: {problem.msg} in line {problem.lineno}"
    return " ".join(str(problem).split()) or type(problem).__name__


def _print_anything() -> None:
    """Print what the encoding of a terminal lacks, as θ in Latin-1, by its number, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def catch_termination() -> None:
    """Turn SIGTERM into an exit, so that what is open is closed; the job goes on at the next run."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    """Describe the command line; only the tool that is asked for is imported."""
    stages = {name: spec.help for name, spec in registry.stages().items()}
    parser = argparse.ArgumentParser(
        prog="python -m threefactor",
        description="Learning to learn dynamical associations with reward-gated local plasticity.",
        epilog=f"tools:\n{listed(TOOLS)}\n\nstages, in order:\n{listed(stages)}\n\n"
        "`python -m threefactor COMMAND --help` says more; `snakemake --cores all` runs all stages.",
        formatter_class=HelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"threefactor {_version()}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", help="one of those below")
    for command in words[:1]:
        if problem := registry.broken_stages().get(command):
            raise DeclarationError(problem)
    parsers = {
        name: commands.add_parser(name, description=registry.sentence(words), formatter_class=HelpFormatter)
        for name, words in TOOLS.items()
    }
    parsers |= {name: add_stage(commands, spec) for name, spec in registry.stages().items()}
    for command in words[:1]:
        if command in (*TOOLS, *EXTENDED):
            module = importlib.import_module(f"threefactor.cli.{command}")
            module.add_arguments(parsers[command])
            parsers[command].set_defaults(run=module.run)
    return parser


def _version() -> str:
    """Return the version that is installed; of a checkout that is not, say so."""
    try:
        return metadata.version("threefactor")
    except metadata.PackageNotFoundError:
        return "from a checkout that is not installed"
