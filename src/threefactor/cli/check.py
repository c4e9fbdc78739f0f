"""Look at one learning rule or task alone: a line for each thing that it must be."""

import argparse
from collections.abc import Iterator
from pathlib import Path

import torch

from threefactor.cli.config_option import add_config, given
from threefactor.cli.console import console
from threefactor.declarations import PACKAGE, ContractError, broken, names_in
from threefactor.experiment import build, build_rule, rules
from threefactor.experiment.settings.errors import SettingsError
from threefactor.experiment.view import View, dump, everything
from threefactor.pipeline.settings import load
from threefactor.training import rule_contract, task_checks
from threefactor.training.checked import Checked

DEFINES = {"learning_rules": "update", "tasks": "make"}
"""Folders of what can be looked at, and the function that each of their files defines."""

NETWORKS = 2
"""Networks that a rule is tried on: enough to see which axis is theirs."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the file, and that of the settings under which it is looked at."""
    parser.add_argument("file", type=Path, metavar="FILE", help="a file of learning_rules/ or tasks/")
    add_config(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print a line for each thing that was looked at; return 2 if one is not as it must be."""
    folder, name = _place(arguments.file)
    settings = given(arguments)
    if folder == "tasks":
        tree = dump(settings)
        settings = load.parse({**tree, "task": {**tree["task"], "name": name}}, "options")
    found, terminal = [], console()
    for one in _checked(folder, name, everything(settings)):
        found.append(one)
        words = f"wrong  {one.what} = {one.fault}" if one.fault else f"ok     {one.what}"
        terminal.print(words, markup=False, highlight=False, soft_wrap=True)
    return 2 if any(one.fault for one in found) else 0


def _place(file: Path) -> tuple[str, str]:
    """Return the folder and the name of a file."""
    folder, name = file.resolve().parent.name, file.stem
    if folder not in DEFINES or file.resolve().parent != (PACKAGE / folder).resolve():
        raise SettingsError(f"{file}: must lie in {' or '.join(str(PACKAGE / one) for one in DEFINES)}")
    if not file.is_file():
        raise FileNotFoundError(f"{file}: must be a file")
    if name not in names_in(folder, DEFINES[folder]):
        raise SettingsError(f"{file}: must define the function {DEFINES[folder]}{broken(folder, name)}")
    return folder, name


def _checked(folder: str, name: str, settings: View) -> Iterator[Checked]:
    """Yield what is looked at in a task, or in a rule on the task of the settings."""
    try:
        if folder == "tasks":
            task = build.task(settings)
            yield Checked("make")
            yield from task_checks.check(task, settings.network.time_step_ms, build.dtype(settings))
            return
        rules.about(name)
        yield Checked("declarations")
        cpu = torch.device("cpu")
        rule = build_rule.learning_rule(settings, name, None, cpu)
        yield Checked("parameters")
        network = build.network(settings, range(NETWORKS), cpu, purpose="check")
        yield from rule_contract.check(rule, network, build.environment(settings))
    except ContractError as problem:
        what, _, fault = str(problem).partition(" = ")
        yield Checked(what, fault)
