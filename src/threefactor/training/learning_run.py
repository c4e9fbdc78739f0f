"""Trials in a row, until each network of a batch has learned the task or the horizon is reached."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from threefactor.contract import Learner, Network, Rule
from threefactor.tasks.reward import correct, mean_error
from threefactor.training.batch import select
from threefactor.training.environment import Environment, experience
from threefactor.training.rule_contract import expect_rule
from threefactor.training.trial import draw_exploration, learn, start_learning


class Criterion(NamedTuple):
    """When a network has learned: enough of the last trials with a small error."""

    window: int  # trials that are looked back at
    fraction: float  # of them
    error: float  # mean |y - y*| of a good trial
    horizon: int  # trials after which a network has failed
    correct: bool = False  # whether a good trial must give the right answer too


class LearningRun(NamedTuple):
    """A batch of networks on its way to the criterion; all that is needed to go on, and the result."""

    learner: Learner  # of the networks that still learn
    active: Tensor  # a, their place in the batch
    weights: Tensor  # b i j, of stopped networks the final ones
    error: Tensor  # b h, mean |y - y*|; NaN after stopping
    correct: Tensor  # b h, 1 where the sign was right; NaN after stopping
    trials_to_criterion: Tensor  # b, int64; the horizon where it was not reached
    reached: Tensor  # b, bool
    diverged: Tensor  # b, bool: stopped by an update that was not finite


def start_run(rule: Rule, network: Network, environment: Environment, criterion: Criterion) -> LearningRun:
    """Return a batch before its first trial.

    Parameters
    ----------
    rule
        The learning rule.
    network
        b networks with their initial weights.
    environment
        Task and noise.
    criterion
        When to stop.

    Raises
    ------
    ContractError
        If the rule does not keep to its contract; see `threefactor.training.rule_contract.check`.
    """
    expect_rule(rule, network, environment)
    weights = network.weights
    batch, device = len(weights), weights.device
    nothing = torch.full((batch, criterion.horizon), torch.nan, dtype=weights.dtype, device=device)
    return LearningRun(
        learner=start_learning(rule, network, len(environment.task.trial_types)),
        active=torch.arange(batch, device=device),
        weights=weights.clone(),
        error=nothing,
        correct=nothing.clone(),
        trials_to_criterion=torch.full((batch,), criterion.horizon, device=device),
        reached=torch.zeros(batch, dtype=torch.bool, device=device),
        diverged=torch.zeros(batch, dtype=torch.bool, device=device),
    )


def advance(
    run: LearningRun,
    rule: Rule,
    network: Network,
    environment: Environment,
    criterion: Criterion,
    trials: int,
    *,
    generator: Callable[[int], Generator],
) -> LearningRun:
    """Run up to so many trials more.

    Noise is drawn for the whole batch whether or not a network still learns, so that a network gets the same trials
    under every rule.

    Parameters
    ----------
    run
        Where to go on; untouched.
    rule, network, environment, criterion
        As in `start_run`.
    trials
        Largest number of trials to run.
    generator
        Of the noise of trial h.
    """
    run = LearningRun(run.learner, *(part.clone() for part in run[1:]))
    first = run.learner.trials
    for h in range(first, min(first + trials, criterion.horizon)):
        if len(run.active) == 0:
            break
        source = generator(h)
        whole = experience(environment, network, h, generator=source)
        noise = draw_exploration(rule, network, whole.trial, generator=source)
        if len(run.active) < len(run.weights):
            whole, noise = select((whole, noise), run.active)
        learner, outcome = learn(rule, run.learner, *whole, noise)
        largest = outcome.update.abs().amax((1, 2))  # NaN where any entry is
        sound = largest.isfinite()
        weights = learner.network.weights
        if not sound.all():
            weights = torch.where(sound[:, None, None], weights, run.learner.network.weights)
        run.error[run.active, h] = mean_error(whole.trial, outcome.trajectory.output)
        run.correct[run.active, h] = correct(whole.trial, outcome.trajectory.output).to(run.correct.dtype)
        run = _stop(run._replace(learner=learner), weights, sound, criterion, h + 1)
    return run


def train(
    rule: Rule,
    network: Network,
    environment: Environment,
    criterion: Criterion,
    *,
    generator: Callable[[int], Generator],
) -> LearningRun:
    """Run a batch of networks from its first trial until every network has stopped."""
    fresh = start_run(rule, network, environment, criterion)
    return advance(fresh, rule, network, environment, criterion, criterion.horizon, generator=generator)


def finished(run: LearningRun, criterion: Criterion) -> bool:
    """Tell whether every network has stopped."""
    return len(run.active) == 0 or run.learner.trials >= criterion.horizon


def _stop(
    run: LearningRun,
    weights: Tensor,
    sound: Tensor,
    criterion: Criterion,
    done: int,
) -> LearningRun:
    """Write down the networks that stop after this trial, and go on with the others."""
    last = run.active, recent(criterion, done)
    reached = at_criterion(run.error[last], run.correct[last], criterion)
    stopping = reached | ~sound | (done == criterion.horizon)
    if not stopping.any():
        return run
    place, final = run.active[stopping], weights[stopping]
    run.weights[place] = final
    run.reached[place] = (reached & sound)[stopping]
    run.diverged[place] = ~sound[stopping]
    run.trials_to_criterion[place] = torch.where(reached & sound, done, criterion.horizon)[stopping]
    return run._replace(learner=select(run.learner, ~stopping), active=run.active[~stopping])


def at_criterion(error: Tensor, right: Tensor, criterion: Criterion) -> Tensor:
    """Tell which networks have enough good trials among their last ones; b, bool.

    Parameters
    ----------
    error, right
        Mean |y - y*| of the last trials, and 1 where the answer was right, as many as the window (b w) or fewer.
    criterion
        Which trials are good, and how many are enough.
    """
    if error.shape[1] < criterion.window:
        return torch.zeros(len(error), dtype=torch.bool, device=error.device)
    good = error < criterion.error
    if criterion.correct:
        good &= right == 1
    return good.sum(1) >= criterion.fraction * criterion.window


def recent(criterion: Criterion, done: int) -> slice:
    """Return the trials that the criterion looks back at, after so many trials."""
    return slice(max(0, done - criterion.window), done)
