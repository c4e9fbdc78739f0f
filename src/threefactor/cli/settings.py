"""Every key of the settings, with its value and meaning."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from threefactor.experiment.settings.block import Block
from threefactor.pipeline.settings.load import expect_stages, load


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the file to read."""
    parser.add_argument("--config", type=Path, default=Path("config/config.yaml"), help="file of settings")


def run(arguments: argparse.Namespace) -> int:
    """Print one row a key; nothing is cut off, however narrow the terminal is."""
    expect_stages()
    table = Table(box=None)
    for column in ("key", "value", "meaning"):
        table.add_column(column, overflow="fold")
    for key, value, meaning in _keys(load(arguments.config)):
        table.add_row(escape(key), escape(value), escape(meaning))
    Console().print(table)
    return 0


def _keys(block: Block, above: str = "") -> Iterator[tuple[str, str, str]]:
    """Walk through the blocks, key by key."""
    for name, field in type(block).model_fields.items():
        key, value = f"{above}{field.alias or name}", getattr(block, name)
        if isinstance(value, Block):
            yield from _keys(value, f"{key}.")
        elif isinstance(value, dict) and any(isinstance(item, Block) for item in value.values()):
            for item, inner in value.items():
                yield from _keys(inner, f"{key}.{item}.")
        else:
            yield key, repr(value), field.description or ""
