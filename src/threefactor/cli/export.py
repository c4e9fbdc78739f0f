"""Trained networks in a file for other programs."""

import argparse
from pathlib import Path

from threefactor.experiment.view import everything
from threefactor.pipeline import solution_file
from threefactor.pipeline.export.files import MODULE, write
from threefactor.pipeline.export.labelled import missing
from threefactor.pipeline.settings import load


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the file, where to write, and what a file for torch gets."""
    parser.add_argument(
        "solution",
        type=Path,
        help="networks that stage retrain trained, results/retrain/RULE/BATCH.safetensors",
    )
    parser.add_argument(
        "--to",
        type=Path,
        required=True,
        metavar="FILE",
        help=".npz (numpy), .mat (MATLAB) and .nc (netCDF, for xarray) get everything; .pt (torch) gets the networks "
        "at the end of learning or at a level, and rate_network.py beside it, which runs them without threefactor",
    )
    parser.add_argument(
        "--level",
        type=float,
        help="for .pt: the networks that crossed this level of the noise-free error, when they first did",
    )
    parser.add_argument(
        "--config",
        type=Path,
        help="file of settings (default: config.yaml of the results that the networks are of)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write it, say where, and say what networks have no weights there."""
    given = everything(load.load(arguments.config)) if arguments.config else None
    file = solution_file.read(arguments.solution, given)
    written = write(file, arguments.to, level=arguments.level)
    print(f"written: {', '.join(map(str, written))}")
    is_module = arguments.to.suffix == MODULE
    for (point, value), words in missing(file).items():
        if not is_module:
            print(f"{point} {value:g}: {words}; their weights there are NaN")
        elif (point, value) == ("level", arguments.level):
            print(f"{point} {value:g}: {words}; they are left out")
    return 0
