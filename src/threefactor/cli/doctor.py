"""What a run will use: versions, device, threads and the MLflow store."""

import argparse
import os
import platform
import sqlite3
from importlib import metadata
from pathlib import Path

import torch
from rich.markup import escape
from rich.table import Table

from threefactor.cli.config_option import add_config, file, given
from threefactor.cli.console import console
from threefactor.experiment.settings.addresses import shown

PACKAGES = (
    "threefactor",
    "torch",
    "numpy",
    "scipy",
    "pandas",
    "numba",
    "scikit-learn",
    "matplotlib",
)
"""What the core, the stages and the tools need."""

MISSING = "missing"

OF_PIPELINE = ("snakemake", "mlflow")
"""What the pipeline needs besides."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the file of settings, which names the store."""
    add_config(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print what is found; return 1 if a package that the stages need is missing."""
    config = given(arguments)
    versions = {name: _version(name) for name in PACKAGES}
    table = Table("what", "found", box=None)
    table.add_row("python", f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    for name, version in versions.items():
        table.add_row(name, version)
    for name in OF_PIPELINE:
        found = _version(name)
        how = "; pip install 'threefactor[pipeline]' brings it" if found == MISSING else ""
        table.add_row(name, escape(f"{found}{how}"))
    table.add_row("device", f"{config.device} -> {_device(config.device)}")
    table.add_row("cores", f"{os.cpu_count()}; one thread a job")
    table.add_row("settings", str(file(arguments) or "built-in defaults"))
    table.add_row(
        "results", f"{config.results} ({'exists' if Path(config.results).exists() else 'does not exist yet'})"
    )
    table.add_row("tracking", _store(config.tracking.uri))
    console().print(table)
    return int(MISSING in versions.values())


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return MISSING


def _device(wanted: str) -> str:
    """Name what jobs would run on here, and warn where they could not; the head of a cluster need not have a GPU."""
    if torch.cuda.is_available():
        return torch.cuda.get_device_name() if wanted != "cpu" else "cpu"
    if wanted == "cuda":
        return "no GPU is visible here: a job on this machine would fail"
    return "cpu (no GPU is visible)"


def _store(uri: str) -> str:
    """Describe the MLflow store without loading MLflow."""
    if not uri:
        return "off (tracking.uri is empty)"
    if not uri.startswith("sqlite:///"):
        return f"{shown(uri)} (a server, not contacted)"
    database = Path(uri.removeprefix("sqlite:///"))
    if not database.exists():
        return f"{uri} (does not exist yet)"
    try:
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
            (count,) = connection.execute("SELECT count(*) FROM runs").fetchone()
    except sqlite3.Error as problem:
        return f"{uri} (broken: {problem})"
    return f"{uri} ({count} runs)"
