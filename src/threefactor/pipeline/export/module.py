"""Trained networks as a module of torch."""

import torch

from threefactor.contract import Network
from threefactor.experiment.settings.errors import SettingsError
from threefactor.network.rate_network import RateNetwork
from threefactor.pipeline import solution_file
from threefactor.pipeline.export.labelled import attributes, network_numbers
from threefactor.pipeline.solution_file import SolutionFile
from threefactor.training.batch import select


def module(file: SolutionFile, level: float | None = None) -> RateNetwork:
    """Return the networks at the end of learning, or those that crossed a level when they first did.

    Raises
    ------
    SettingsError
        If there is no such level, or no network crossed it.
    """
    found, numbers = solution_file.solution(file), torch.from_numpy(network_numbers(file))
    about = {**attributes(file), "level": level}
    if level is None:
        return RateNetwork(**found.after._asdict(), numbers=numbers, about=about)
    there = _crossed(file, found.crossed, level)
    network: Network = select(found.at[level], there)
    return RateNetwork(**network._asdict(), numbers=numbers[there], about=about)


def _crossed(file: SolutionFile, crossed: dict[float, torch.Tensor], level: float) -> torch.Tensor:
    """Return which networks crossed a level; b, bool."""
    known = [one for one, trial in crossed.items() if (trial >= 0).any()]
    if level not in known:
        choices = f"one of {', '.join(f'{one:g}' for one in known)}" if known else "left out"
        raise SettingsError(
            f"level = {level:g}: must be {choices}, the levels that networks of {file.path} crossed"
        )
    return crossed[level] >= 0
