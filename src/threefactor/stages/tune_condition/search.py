"""What is sought by stage ``tune_condition``: the constants of a rule, where they are sought, how a draw is judged."""

from typing import NamedTuple

import torch
from torch import Tensor

from threefactor import seeding
from threefactor.experiment import build
from threefactor.experiment.constants import below_one, bounds_for_condition, is_learning_rate, like
from threefactor.experiment.learned import rule_under, tables
from threefactor.experiment.view import value_at
from threefactor.experiment.work import Work
from threefactor.metalearning.draws import between, near, share_of
from threefactor.metalearning.held_out import summarise
from threefactor.training.learning_run import train

PURPOSE = "tune_condition"

RATES = (1.0, 4.0, 0.25, 16.0, 0.0625)
"""Learning rates of the first draws, as multiples of the usual one."""


class Draw(NamedTuple):
    """What networks did with one draw of the constants."""

    objective: float  # mean trials to criterion, failed networks counted at the horizon
    smoothed_error_rate: float
    reached: int  # networks
    diverged: int  # networks
    trials: int  # simulated, of all networks


class Search:
    """What is sought under these settings; nothing of it changes while draws are tried."""

    def __init__(self, work: Work) -> None:
        """Take the settings of the condition and the rule as it is under it."""
        self.work, self.name, self.learned = work, work.wildcards["tuned_rule"], tables(work)
        under = rule_under(work.settings, self.name, self.learned, work.device).settings
        bounds = bounds_for_condition(self.name)
        self.usual: dict[str, float] = {key: value_at(under, key) for key in bounds}
        self.bounds = below_one(bounds, self.usual)
        chosen = work.settings.transfer
        self.draws, self.networks = int(chosen.tuning_draws), int(chosen.tuning_networks)

    @property
    def first(self) -> list[Tensor]:
        """Points of the first draws (n each): the usual constants at several learning rates, if the rule has one."""
        rates = RATES if any(map(is_learning_rate, self.usual)) else RATES[:1]
        return [
            torch.tensor(
                [
                    share_of(rate if is_learning_rate(key) else 1.0, bound)
                    for key, bound in self.bounds.items()
                ],
                dtype=torch.float64,
            )
            for rate in rates
        ]

    def point(self, draw: int, best: Tensor) -> Tensor:
        """Return the point of a draw, given the best so far; n each."""
        first = self.first
        if draw < len(first):
            return first[draw]
        place = (self.work.wildcards["condition"], self.name, draw)
        return near(best, generator=seeding.generator(self.work.settings.seed, PURPOSE, *place))

    def constants(self, point: Tensor) -> dict[str, float]:
        """Return the constants at a point (n) of the cube, by dotted key; whole numbers stay whole."""
        return {
            key: like(usual, between(usual, self.bounds[key], share))
            for (key, usual), share in zip(self.usual.items(), point.tolist(), strict=True)
        }

    def judge(self, point: Tensor) -> Draw:
        """Let the networks learn to the criterion with the constants at a point (n)."""
        settings, device = self.work.settings, self.work.device
        rule, under = rule_under(settings, self.name, self.learned, device, self.constants(point))
        network = build.network(settings, range(self.networks), device, purpose=PURPOSE)
        criterion, noise = build.criterion(settings), build.noise(settings, PURPOSE)
        run = train(rule, network, build.environment(under), criterion, generator=noise)
        score = summarise(run.error[None], run.correct[None] == 1, rule.warm_up, criterion)
        return Draw(
            run.trials_to_criterion.double().mean().item(),
            score.smoothed_error_rate.double().mean().item(),
            int(run.reached.sum()),
            int(run.diverged.sum()),
            int((~run.error.isnan()).sum()),
        )
