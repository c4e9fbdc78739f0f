"""One learning run with each estimator: what it says of every trial, and the seconds that it took."""

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, TypeVar

import torch
from torch import Generator, Tensor

from threefactor.metalearning import estimator_bias
from threefactor.metalearning.estimators import evolution, reverse, score_local
from threefactor.metalearning.trial_record import Noise, carry, run_trials
from threefactor.stages.estimate.problem import Batch, Problem

Item = TypeVar("Item")

TIMED = {"score_total": "pathwise", "score_total_running": "pathwise", "score_local_running": "score_local"}
"""Estimators that see the trials of another, which carries the same tangents or has the same scores."""


class Estimates(NamedTuple):
    """What the estimators say."""

    trials: dict[str, Tensor]  # h b ... by name; ``reverse`` 1 b p, of the longest horizon
    seconds: dict[str, float]  # of the processor, by name


class Clock:
    """Seconds of the processor that each estimator took."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def over(self, name: str, items: Iterable[Item]) -> Iterator[Item]:
        """Pass the items on; count what it takes to make them."""
        iterator = iter(items)
        while True:
            began = time.process_time()
            item = next(iterator, None)
            self.seconds[name] = self.seconds.get(name, 0.0) + time.process_time() - began
            if item is None:
                return
            yield item


def estimate(problem: Problem, batch: Batch, noise: float) -> Estimates:
    """Run the trials once with each estimator.

    Parameters
    ----------
    problem
        Where the gradient is estimated.
    batch
        b networks and their trials.
    noise
        Standard deviation of the weight noise.
    """
    rule, scale, chosen, clock = problem.rule, problem.scale, problem.settings.estimate, Clock()
    learner, trials = batch.learner, batch.trials

    def weight_noise() -> Generator:
        return batch.generator("weight noise")

    carried = carry(rule, run_trials(rule, learner, trials(), noise, generator=weight_noise()))
    found = estimator_bias.along_tangents(rule, clock.over("pathwise", carried))
    local = score_local.scores(rule, run_trials(rule, learner, trials(), noise, generator=weight_noise()))
    found["score_local"] = torch.stack([trial.score for trial in clock.over("score_local", local)])
    size = chosen.evolution_step * scale
    direction = evolution.draw_direction(rule, learner, size, generator=batch.generator("direction"))
    pairs = evolution.contrast(rule, learner, trials(), direction * size, noise, generator=weight_noise())
    contrast = torch.stack([trial.difference for trial in clock.over("evolution", pairs)])
    found["evolution"] = contrast[..., None] * direction / size
    steps = chosen.difference_step * scale
    sides = estimator_bias.differences(rule, learner, trials(), steps, noise, generator=weight_noise())
    found["difference"] = torch.stack(list(clock.over("difference", sides)))
    found["reverse"] = _reverse(problem, batch, noise, clock)
    return Estimates(found, clock.seconds)


def of_horizon(
    problem: Problem, trials: Mapping[str, Tensor], horizon: int, noise: float
) -> dict[str, Tensor]:
    """Return every estimate for one horizon with respect to scaled theta, by name; b p, float64.

    Parameters
    ----------
    problem
        Where the gradient is estimated.
    trials
        `Estimates.trials`.
    horizon
        Trials after the warm-up whose mean reward is differentiated.
    noise
        Standard deviation of the weight noise.
    """
    forward = {name: value for name, value in trials.items() if name != "reverse"}
    found = estimator_bias.gradients(forward, horizon, noise)
    if horizon == problem.settings.estimate.horizons[-1]:
        found["reverse"] = trials["reverse"][0]
    return {name: (value * problem.scale).double().cpu() for name, value in found.items()}


def seconds_of(name: str, seconds: Mapping[str, float]) -> float:
    """Return the seconds of an estimator, which may be those of another; NaN for what is none."""
    return seconds.get(TIMED.get(name, name), float("nan"))


def _reverse(problem: Problem, batch: Batch, noise: float, clock: Clock) -> Tensor:
    """Estimate in reverse mode for the longest horizon; NaN for a network without a finite gradient, 1 b p."""
    source = batch.generator("weight noise")

    def once() -> Iterator[Tensor]:
        found = reverse.estimate(
            problem.rule, batch.learner, batch.trials(), noise=Noise(noise), generator=source
        )
        yield torch.where(found.finite[:, None], found.gradient, torch.nan)

    return torch.stack(list(clock.over("reverse", once())))
