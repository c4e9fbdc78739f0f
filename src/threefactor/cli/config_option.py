"""The option ``--config`` of all commands: a file of settings, and keys that are to differ from it."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from threefactor.experiment.settings.errors import SettingsError
from threefactor.pipeline.settings import load
from threefactor.pipeline.settings.model import Base

OPTION = "--config"

USUAL = Path("config/config.yaml")
"""The file that is read where none is named; where it is not there, every key has its built-in default."""


def add_config(parser: argparse.ArgumentParser, usual: Path = USUAL) -> None:
    """Add the option, with the file that is read where none is named."""
    parser.add_argument(
        OPTION, action="append", default=[], metavar="FILE|KEY=VALUE",
        help=f"file of settings (default: {usual}, or the built-in defaults where there is none), and keys that differ "
        "from it, as task.name=dpa",
    )  # fmt: skip
    parser.set_defaults(usual_config=usual)


def spread(words: Sequence[str]) -> list[str]:
    """Put the option before each of several words that it is given, as Snakemake takes them; others are left alone."""
    found: list[str] = []
    for word in words:
        follows = len(found) > 1 and found[-2] == OPTION
        found += [OPTION, word] if follows and _is_key(word) else [word]
    return found


def given(arguments: argparse.Namespace) -> Base:
    """Return the settings that the arguments ask for.

    Raises
    ------
    SettingsError
        In one line, with the key, its value and what it must be.
    """
    path, keys = file(arguments), [word for word in arguments.config if _is_key(word)]
    if not keys:
        return load.load(path) if path else load.parse({}, "built-in settings")
    read: Any = load.read(path) if path else {}
    return load.parse(load.merged(read, load.options(keys)), "settings")


def file(arguments: argparse.Namespace) -> Path | None:
    """Return the file of settings that is read; None where the built-in defaults hold."""
    named = [word for word in arguments.config if not _is_key(word)]
    if len(named) > 1:
        raise SettingsError(f"{OPTION} {' '.join(named)}: must be one file")
    usual: Path = arguments.usual_config
    if named:
        return Path(named[0])
    return usual if usual.exists() else None


def _is_key(word: str) -> bool:
    """Tell a key with its value from the name of a file."""
    return "=" in word and not word.startswith("-") and not Path(word).is_file()
