"""Networks that learn on to a horizon, whatever they reach: how good they are at rest, and the weights at each level.

Levels are values of the noise-free error (`threefactor.training.evaluation`), at which rules can be compared on equal
terms. A network crosses a level at the first evaluation at which its error is at most the level.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from threefactor.contract import Learner, Network, Outcome, Rule, Trial
from threefactor.tasks.reward import correct, mean_error
from threefactor.training.environment import Environment, experience
from threefactor.training.evaluation import evaluate
from threefactor.training.kept_weights import Kept, keep, nothing_kept
from threefactor.training.learning_run import Criterion, at_criterion, recent
from threefactor.training.rule_contract import expect_rule
from threefactor.training.trial import draw_exploration, learn, start_learning
from threefactor.training.weight_change import clipped_share, participation_rank


class Plan(NamedTuple):
    """What is looked at while networks learn."""

    horizon: int  # trials of learning
    criterion: Criterion  # of the trials as they are; its own horizon does not count
    levels: tuple[float, ...]  # l, of the noise-free error
    evaluations: tuple[int, ...]  # e, trials after which networks are evaluated, from 0 on
    snapshots: tuple[int, ...]  # s of these, after which weights are kept


class Evaluations(NamedTuple):
    """What was found at each evaluation; NaN after stopping."""

    error: Tensor  # b e, noise-free mean |y - y*|
    correct: Tensor  # b e, share of trial types with the right answer
    change_norm: Tensor  # b e, Frobenius norm of W - W(0)
    change_rank: Tensor  # b e, participation ratio of the squared singular values of W - W(0)
    clipped: Tensor  # b e, share of the synapses whose last update was as large as the clip lets it be


class FollowedRun(NamedTuple):
    """A batch of networks on its way to the horizon; all that is needed to go on, and the result."""

    learner: Learner  # of all networks; those that diverged keep their last finite weights
    error: Tensor  # b h, mean |y - y*| of each trial; NaN after diverging
    correct: Tensor  # b h, 1 where the answer was right; NaN after diverging
    criterion_trial: Tensor  # b, int64, trials until the criterion; -1 where it was not reached
    diverged: Tensor  # b, bool: an update was not finite
    found: Evaluations
    levels: Kept
    snapshots: Kept


def start_following(rule: Rule, network: Network, environment: Environment, plan: Plan) -> FollowedRun:
    """Return a batch before its first trial, evaluated if that is due.

    Parameters
    ----------
    rule
        The learning rule.
    network
        b networks with their initial weights.
    environment
        Task and noise.
    plan
        What is looked at.

    Raises
    ------
    ContractError
        If the rule does not keep to its contract; see `threefactor.training.rule_contract.check`.
    """
    expect_rule(rule, network, environment)
    weights = network.weights
    batch = len(weights)
    run = FollowedRun(
        learner=start_learning(rule, network, len(environment.task.trial_types)),
        error=weights.new_full((batch, plan.horizon), torch.nan),
        correct=weights.new_full((batch, plan.horizon), torch.nan),
        criterion_trial=torch.full((batch,), -1, device=weights.device),
        diverged=torch.zeros(batch, dtype=torch.bool, device=weights.device),
        found=Evaluations(*(weights.new_full((batch, len(plan.evaluations)), torch.nan) for _ in range(5))),
        levels=nothing_kept(network, len(plan.levels)),
        snapshots=nothing_kept(network, len(plan.snapshots)),
    )
    if 0 in plan.evaluations:
        _evaluate(run, network, environment, plan, weights.new_zeros(batch))
    return run


def follow(
    run: FollowedRun,
    rule: Rule,
    network: Network,
    environment: Environment,
    plan: Plan,
    trials: int,
    *,
    generator: Callable[[int], Generator],
) -> FollowedRun:
    """Run up to so many trials more.

    Parameters
    ----------
    run
        Where to go on; untouched.
    rule, network, environment, plan
        As in `start_following`.
    trials
        Largest number of trials to run.
    generator
        Of the noise of trial h, and of what the rule explores with.
    """
    run = _copied(run)
    due = set(plan.evaluations)
    for h in range(run.learner.trials, min(run.learner.trials + trials, plan.horizon)):
        source = generator(h)
        sampled = experience(environment, network, h, generator=source)
        noise = draw_exploration(rule, network, sampled.trial, generator=source)
        learner, outcome = learn(rule, run.learner, *sampled, noise)
        run = _after_trial(run, learner, outcome, sampled.trial, plan)
        if h + 1 in due:
            clip = getattr(rule.params, "clip", float("inf"))
            _evaluate(run, network, environment, plan, clipped_share(network, outcome.update, clip))
    return run


def is_followed(run: FollowedRun, plan: Plan) -> bool:
    """Tell whether the horizon is reached, or no network is left that learns."""
    return run.learner.trials >= plan.horizon or bool(run.diverged.all())


def _copied(run: FollowedRun) -> FollowedRun:
    """Return a run whose results can be written to without touching those of the first."""
    return run._replace(
        error=run.error.clone(),
        correct=run.correct.clone(),
        found=Evaluations(*(part.clone() for part in run.found)),
        levels=Kept(*(part.clone() for part in run.levels)),
        snapshots=Kept(*(part.clone() for part in run.snapshots)),
    )


def _after_trial(
    run: FollowedRun, learner: Learner, outcome: Outcome, trial: Trial, plan: Plan
) -> FollowedRun:
    """Write down a trial; networks whose update was not finite keep what they had, for good."""
    h = run.learner.trials
    diverged = run.diverged | ~outcome.update.abs().amax((1, 2)).isfinite()  # NaN where any entry is
    if diverged.any():
        learner = learner._replace(network=_held(run.learner.network, learner.network, diverged))
    output = outcome.trajectory.output
    run.error[:, h] = torch.where(diverged, torch.nan, mean_error(trial, output))
    run.correct[:, h] = torch.where(diverged, torch.nan, correct(trial, output).to(run.correct.dtype))
    last = slice(None), recent(plan.criterion, h + 1)
    arrived = at_criterion(run.error[last], run.correct[last], plan.criterion) & ~diverged
    reached = torch.where(arrived & (run.criterion_trial < 0), h + 1, run.criterion_trial)
    return run._replace(learner=learner, criterion_trial=reached, diverged=diverged)


def _held(before: Network, after: Network, which: Tensor) -> Network:
    """Return networks of which some have the weights that they had before."""
    weights, output_weights = (
        torch.where(which[:, None, None], getattr(before, name), getattr(after, name))
        for name in ("weights", "output_weights")
    )
    return after._replace(weights=weights, output_weights=output_weights)


def _evaluate(
    run: FollowedRun, network: Network, environment: Environment, plan: Plan, clipped: Tensor
) -> None:
    """Write down what networks can do now, and keep the weights of those that are at a level for the first time."""
    done, now = run.learner.trials, run.learner.network
    e = plan.evaluations.index(done)
    performance = evaluate(now, environment.task)
    change = now.weights - network.weights
    rank = participation_rank(change)
    found = (*performance, torch.linalg.matrix_norm(change), rank, clipped)
    for array, values in zip(run.found, found, strict=True):
        array[:, e] = torch.where(run.diverged, torch.nan, values)
    for s, due in enumerate(plan.snapshots):
        if due == done:
            keep(run.snapshots, s, now, torch.ones_like(run.diverged), done)
    for level, value in enumerate(plan.levels):
        is_new = (performance.error <= value) & (run.levels.trial[:, level] < 0) & ~run.diverged
        keep(run.levels, level, now, is_new, done)
