"""One figure, drawn from the results that lie there."""

import argparse

from threefactor.cli.config_option import add_config, given
from threefactor.cli.stage import add_files, replaced
from threefactor.experiment.settings.errors import SettingsError, suggestion
from threefactor.pipeline import cost, draw, files, registry


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the figure and its files."""
    parser.add_argument("figure", help=f"one of {', '.join(registry.figures())}")
    add_config(parser)
    add_files(parser)


def run(arguments: argparse.Namespace) -> int:
    """Draw it."""
    known, name = registry.figures(), arguments.figure
    if name not in known:
        hint = registry.broken_figures().get(name) or suggestion(name, known)
        raise SettingsError(f"draw {name}: must be one of {', '.join(known)}{hint}")
    start, config = cost.used(), given(arguments)
    draw.run(config, name, replaced(files.of_figure(config, name), arguments))
    cost.log(start)
    return 0
