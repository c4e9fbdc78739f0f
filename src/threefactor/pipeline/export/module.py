"""Trained networks as a module of torch."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from threefactor.contract import Network
from threefactor.experiment.settings.errors import SettingsError
from threefactor.network.rate_network import RateNetwork
from threefactor.pipeline import solution_file
from threefactor.pipeline.export.labelled import attributes, network_numbers
from threefactor.pipeline.solution_file import SolutionFile
from threefactor.training.batch import select

BATCHED = ("weights", "input_weights", "output_weights", "exists")
"""Fields of networks that have a network axis."""


def module(files: Sequence[SolutionFile], level: float | None = None) -> RateNetwork:
    """Return the networks of some batches of a rule at the end of learning, or those that crossed a level, then.

    Raises
    ------
    SettingsError
        If there is no such level, or no network crossed it.
    """
    solutions = [solution_file.solution(file) for file in files]
    network = joined([one.after for one in solutions])
    there = torch.ones(len(network.weights), dtype=torch.bool)
    if level is not None:
        crossed = {
            name: torch.cat([one.crossed[name] for one in solutions]) >= 0 for name in solutions[0].crossed
        }
        _expect(files[0], crossed, level)
        there, network = crossed[level], joined([one.at[level] for one in solutions])
    numbers = torch.cat([torch.from_numpy(network_numbers(file)) for file in files])
    about = {**attributes(files[0]), "batch": [attributes(file)["batch"] for file in files], "level": level}
    return RateNetwork(**select(network, there)._asdict(), numbers=numbers[there], about=about)


def joined(batches: Sequence[Network]) -> Network:
    """Return the networks of all batches as one."""
    first, *_ = batches
    fields: dict[str, Any] = {
        name: torch.cat([getattr(one, name) for one in batches])
        for name in BATCHED
        if getattr(first, name) is not None
    }
    return first._replace(**fields)


def _expect(file: SolutionFile, crossed: dict[float, Tensor], level: float) -> None:
    """Refuse a level that no network crossed."""
    known = [one for one, which in crossed.items() if which.any()]
    if level not in known:
        choices = f"one of {', '.join(f'{one:g}' for one in known)}" if known else "left out"
        rule = f"networks of {file.path.parent} crossed"
        raise SettingsError(f"level = {level:g}: must be {choices}, the levels that {rule}")
