"""The keys of the settings, with their values and meanings: all, those of a block, or those that a word leads to."""

import argparse
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.markup import escape
from rich.table import Table

from threefactor.cli.config_option import add_config, given
from threefactor.cli.console import console
from threefactor.experiment.settings.block import Block
from threefactor.experiment.settings.errors import SettingsError, suggestion
from threefactor.pipeline.settings.load import expect_stages


class Key(NamedTuple):
    """A key of the settings."""

    name: str  # with dots
    value: str
    meaning: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the file to read, and what is wanted of it."""
    parser.add_argument(
        "wanted", nargs="?", metavar="BLOCK|WORD",
        help="show the keys of this block, as task or metalearn.rules, or those whose name or meaning has this word",
    )  # fmt: skip
    add_config(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print one row a key; nothing is cut off, however narrow the terminal is."""
    expect_stages()
    keys = list(_keys(given(arguments)))
    shown = keys if arguments.wanted is None else _wanted(keys, arguments.wanted)
    table = Table(box=None)
    for column in ("key", "value", "meaning"):
        table.add_column(column, overflow="fold")
    for key in shown:
        table.add_row(*map(escape, key))
    console().print(table)
    return 0


def _wanted(keys: Sequence[Key], word: str) -> list[Key]:
    """Return the keys of a block; where none has the name, those whose name or meaning has the word."""
    if of_block := [key for key in keys if f"{key.name}.".startswith(f"{word}.")]:
        return of_block
    if found := [key for key in keys if word.lower() in f"{key.name} {key.meaning}".lower()]:
        return found
    known = [part for key in keys for part in key.name.split(".")]
    raise SettingsError(
        f"settings {word}: must be a block, or a word of a key or its meaning{suggestion(word, dict.fromkeys(known))}"
    )


def _keys(block: Block, above: str = "") -> Iterator[Key]:
    """Walk through the blocks, key by key."""
    for name, field in type(block).model_fields.items():
        key, value = f"{above}{field.alias or name}", getattr(block, name)
        if isinstance(value, Block):
            yield from _keys(value, f"{key}.")
        elif isinstance(value, dict) and any(isinstance(item, Block) for item in value.values()):
            for item, inner in value.items():
                yield from _keys(inner, f"{key}.{item}.")
        else:
            yield Key(key, repr(value), field.description or "")
