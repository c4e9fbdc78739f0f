"""Recordings of small networks that learn, made without the observer of the package."""

import torch

import small_runs
from small_runs import TRIAL_TYPES
from threefactor.analysis.recovery.recording import Recording
from threefactor.training.trial import learn, start_learning

WARM_UP = 2
ROUNDING = 1e-14


def recorded(rule, options, trials=14):
    """Record what `learn` does, from unit 1 on."""
    learner, kept = start_learning(rule, small_runs.network(options), TRIAL_TYPES), []
    for trial, start, perturbation in small_runs.experiences(trials):
        before = learner
        learner, outcome = learn(rule, before, trial, start, perturbation)
        change = learner.network.weights - (1 - options["weight_decay"] * (before.trials >= rule.warm_up)) * (
            before.network.weights
        )
        path = outcome.trajectory
        kept.append(
            (path.rate, path.state[..., 1:], change[:, 1:], outcome.feedback.reward, trial.trial_type.clone())
        )
    rate, state, change, reward, trial_type = (torch.stack(part, 1) for part in zip(*kept, strict=True))
    plastic = (change.abs() > ROUNDING).any(0).any(0)  # the clamped unit's weights do not change
    learning = torch.arange(trials).expand(len(rate), -1) >= WARM_UP
    return Recording(rate, state, None, change, plastic, learning, reward, None, trial_type)
