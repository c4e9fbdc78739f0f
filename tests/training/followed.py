"""A batch of networks to follow, the same by slow loops, and rules that explore or overflow."""

from typing import Any, NamedTuple

import torch
from torch import Tensor

import references
from dnms_run import environment, networks, noise, theta33
from small_runs import DOUBLE
from threefactor.contract import Exploration, Outcome, Rule
from threefactor.training.batch import convert
from threefactor.training.environment import experience
from threefactor.training.followed_run import FollowedRun, Plan, follow, start_following
from threefactor.training.learning_run import Criterion
from threefactor.training.trial import draw_exploration, learn, start_learning

NETWORKS, HORIZON, TRIAL_TYPES = 5, 40, 4

PLAN = Plan(
    horizon=HORIZON,
    criterion=Criterion(window=6, fraction=0.5, error=0.5, horizon=HORIZON),
    levels=(0.983, 0.975, 0.9),
    evaluations=(0, 1, 2, 4, 6, 9, 13, 19, 28, 40),
    snapshots=(0, 6, 28),
)


def net():
    """Return the networks with their initial weights."""
    return convert(networks(NETWORKS), dtype=DOUBLE)


def rule():
    """Return θ₃₃, with a learning rate and a clip that change the weights within the horizon."""
    fast = theta33(learning_rate=0.3)
    return fast._replace(params=fast.params._replace(clip=0.05))


def followed(rule, plan=PLAN):
    """Follow the networks at one go."""
    start = start_following(rule, net(), environment(), plan)
    return follow(start, rule, net(), environment(), plan, plan.horizon, generator=noise)


class Seen(NamedTuple):
    """What a loop of one's own sees of every trial."""

    weights: list[Tensor]  # b i j, before each trial and after the last
    outcomes: list[Outcome]
    targets: list[Tensor]  # b o, in the response window
    windows: list[Tensor]  # b t


def seen(rule, trials=HORIZON):
    """Let the networks learn, trial by trial."""
    learner = start_learning(rule, net(), TRIAL_TYPES)
    found = Seen([learner.network.weights], [], [], [])
    for h in range(trials):
        source = noise(h)
        sampled = experience(environment(), net(), h, generator=source)
        explored = draw_exploration(rule, net(), sampled.trial, generator=source)
        learner, outcome = learn(rule, learner, *sampled, explored)
        found.weights.append(learner.network.weights)
        found.outcomes.append(outcome)
        found.targets.append(sampled.trial.target[:, -1])
        found.windows.append(sampled.trial.window)
    return found


def noise_free(weights):
    """Return error and share of right answers (b) over a trial of each type from rest, simulated step by step."""
    task, own = environment().task, net()
    error, right = torch.zeros(2, NETWORKS, dtype=DOUBLE)
    for y in range(TRIAL_TYPES):
        trial = task.draw(torch.full((NETWORKS,), y), generator=None, dtype=DOUBLE)
        start = own.clamped_state.expand(NETWORKS, -1)
        quiet = torch.zeros(NETWORKS, task.steps, len(own.clamped), dtype=DOUBLE)
        states = references.simulate(own, weights, trial.inputs, start, quiet)
        output = torch.stack(
            [(own.output_weights[:, 0] * torch.tanh(state)).sum(1) for state in states[1:]], 1
        )
        error += (trial.window * (output - trial.target[..., 0]).abs()).sum(1)
        right += (trial.window * output).sum(1) * trial.target[:, -1, 0] > 0
    return error / TRIAL_TYPES, right / TRIAL_TYPES


def overflowing(inner, network, trial):
    """Return a rule whose update of one network is infinite in one trial, counted from 0."""

    def init(params: Any, networks: Any) -> Any:
        count = torch.zeros(len(networks.weights), dtype=torch.int64)
        return inner.init(params, networks), count, torch.arange(len(count)) == network

    def update(params: Any, networks: Any, memory: Any, trajectory: Any, feedback: Any) -> Any:
        inside, count, is_it = memory
        change, inside = inner.update(params, networks, inside, trajectory, feedback)
        bursts = is_it & (count == trial)
        return change.masked_fill(bursts[:, None, None], torch.inf), (inside, count + 1, is_it)

    return inner._replace(init=init, update=update)


def exploring(of, size=0.1, learning_rate=0.1):
    """Return weight perturbation, or its like for outputs: noise times reward prediction error."""

    def update(params: Any, network: Any, memory: Any, trajectory: Any, feedback: Any) -> Any:
        tried = feedback.exploration
        if of == "outputs":
            tried = (tried @ network.output_weights).mT @ trajectory.rate
        error = feedback.reward - feedback.baseline
        return params * error[:, None, None] * tried * ~network.clamped[:, None], memory

    return Rule(f"explores {of}", learning_rate, _nothing, update, 0.7, 0, Exploration(of, size))


def _nothing(params: Any, network: Any) -> tuple[()]:
    return ()


def plain(run: FollowedRun):
    """Return all tensors of a run by name, NaN as a number, those of the learner too."""
    parts = {
        "error": run.error, "correct": run.correct, "criterion_trial": run.criterion_trial,
        "diverged": run.diverged, "weights": run.learner.network.weights, "baseline": run.learner.baseline,
        **run.found._asdict(),
        **{f"level.{name}": part for name, part in run.levels._asdict().items()},
        **{f"snapshot.{name}": part for name, part in run.snapshots._asdict().items()},
    }  # fmt: skip
    return {name: part.nan_to_num(9) if part.is_floating_point() else part for name, part in parts.items()}
