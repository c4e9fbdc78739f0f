"""A folder for a new experiment: the Snakefile, the workflow, settings and profiles."""

import argparse
import shutil
from pathlib import Path

from threefactor.declarations import PACKAGE
from threefactor.experiment.settings.errors import SettingsError

PARTS = ("Snakefile", "workflow", "profiles", "config", "envs/threefactor.yaml")
"""What is written, by its place in a checkout, and in ``new_experiment`` of an installed package."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the folder."""
    parser.add_argument(
        "folder", type=Path, metavar="FOLDER", help="made, or used where none of the files is there yet"
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the files, and say what comes next."""
    folder: Path = arguments.folder
    if folder.exists() and not folder.is_dir():
        raise SettingsError(f"init {folder}: must be a folder")
    if there := [part for part in PARTS if (folder / part).exists()]:
        raise SettingsError(f"init {folder}: must not have {there[0]} yet")
    for part in PARTS:
        _copy(_source() / part, folder / part)
    print(f"written: {', '.join(str(folder / part) for part in PARTS)}")
    print(f"cd {folder}; edit config/config.yaml; snakemake --cores all --logger threefactor")
    print("snakemake and MLflow come with: pip install 'threefactor[pipeline]'")
    return 0


def _source() -> Path:
    """Return where the files lie: in the installed package, or in the checkout around it."""
    installed = PACKAGE / "new_experiment"
    return installed if installed.is_dir() else PACKAGE.parents[1]


def _copy(source: Path, target: Path) -> None:
    """Copy a file, or a folder with all that is in it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copy(source, target)
