"""Dotted keys of ``--config``.  Snakemake refuses them, with a traceback, before it reads the Snakefile."""

import re
import sys
from collections.abc import Sequence
from typing import Any

from snakemake import cli
from snakemake.utils import update_config

KEY = re.compile(r"[A-Za-z_][\w-]*(\.[\w-]+)*")

READ = cli.parse_config


def allow() -> None:
    """Let Snakemake take dotted keys, and refuse what is none in one line.

    There is no hook for it: the function that reads ``--config`` is replaced.  What it returns for keys without dots
    stays what it was, for the Snakefiles of other people too.
    """
    cli.parse_config = parse


def parse(entries: Sequence[str] | None) -> dict[str, Any]:
    """Read ``KEY=VALUE`` as Snakemake does, and a dotted key as groups in each other.

    The text itself reaches ``workflow/rules/common.smk``, which reads it as a file of settings.
    """
    found: dict[str, Any] = {}
    for entry in entries or ():
        key, sign, text = entry.partition("=")
        if not sign or not KEY.fullmatch(key):
            sys.exit(f"Error: --config {entry}: must be KEY=VALUE, KEY as seed or task.name")
        value = READ([f"value={text}"])["value"]
        for name in reversed(key.split(".")):
            value = {name: value}
        update_config(found, value)
    return found
