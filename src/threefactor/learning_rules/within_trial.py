"""One trial of a rule that changes weights within it."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from threefactor.contract import Learner, Network, Outcome, Rule, Trajectory, Trial
from threefactor.network.simulate import simulate
from threefactor.tasks.feedback import compute_feedback, next_baseline

Run = Callable[[Any, Network, Any, Trial, Tensor, Tensor], tuple[Network, Any, Trajectory]]
"""From parameters, network, memory, trial, start and perturbation to network and memory after the trial, and what
happened in it."""


def learn(
    run: Run, rule: Rule, learner: Learner, trial: Trial, start: Tensor, perturbation: Tensor
) -> tuple[Learner, Outcome]:
    """Run one trial, and reward it for the outputs of each step as they were before the step's learning.

    Nothing moves during the warm-up, neither weights nor memory.

    Parameters
    ----------
    run
        The trial with learning.
    rule, learner, trial, start, perturbation
        As in `threefactor.training.trial.learn`.

    Returns
    -------
    learner : Learner
        After the trial.
    outcome : Outcome
        Of the trial; its update is the whole change of the weights.
    """
    network, memory = learner.network, learner.memory
    if learner.trials < rule.warm_up:
        trajectory = simulate(network, trial.inputs, start, perturbation)
    else:
        network, memory, trajectory = run(rule.params, network, memory, trial, start, perturbation)
    feedback = compute_feedback(learner, trial, trajectory.output)
    baselines = next_baseline(rule, learner, trial, feedback)
    update = network.weights - learner.network.weights
    return Learner(network, memory, baselines, learner.trials + 1), Outcome(
        trajectory, feedback, update, update, update
    )


def trajectory_of(
    states: Sequence[Tensor], rates: Sequence[Tensor], perturbation: Tensor, outputs: Sequence[Tensor]
) -> Trajectory:
    """Return what happened step by step: T + 1 states and rates (b i), perturbations (b t i), T outputs (b o)."""
    return Trajectory(
        torch.stack(list(states), 1),
        torch.stack(list(rates[:-1]), 1),
        perturbation,
        torch.stack(list(outputs), 1),
    )
