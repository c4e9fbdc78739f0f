"""Record networks that learn: rates, states, rewards and weight changes, with measurement noise."""

from collections.abc import Callable

import torch
from torch import Generator, Tensor

from threefactor.analysis.recovery.recording import Recording
from threefactor.contract import Network, Rule
from threefactor.training.environment import Environment, experience
from threefactor.training.trial import learn, start_learning

ROUNDING = 1e-14  # of a weight: smaller changes are none


def observe(
    rule: Rule,
    network: Network,
    environment: Environment,
    trials: int,
    units: int,
    *,
    generator: Callable[[int], Generator],
) -> Recording:
    """Train networks, and record all rates, and states and weight changes of some units.

    Parameters
    ----------
    rule
        A polynomial rule.
    network
        b networks before they learn.
    environment
        Task and noise.
    trials
        Trials, the warm-up included.
    units
        Number of recorded postsynaptic units, the first that are not clamped.
    generator
        Of the noise of trial h.
    """
    seen = (~network.clamped).nonzero()[:units, 0]
    learner, kept = start_learning(rule, network, len(environment.task.trial_types)), []
    for h in range(trials):
        before, sampled = learner, experience(environment, network, h, generator=generator(h))
        learner, outcome = learn(rule, before, *sampled)
        change = outcome.update
        if before.trials >= rule.warm_up:
            change = change + rule.params.weight_decay * before.network.weights
        path = outcome.trajectory
        kept.append(
            (
                path.rate,
                path.state[..., seen],
                change[:, seen],
                outcome.feedback.reward,
                sampled.trial.trial_type,
            )
        )
    rate, state, change, reward, trial_type = (torch.stack(part, 1) for part in zip(*kept, strict=True))
    plastic = (change.abs() > ROUNDING).any(0).any(0)
    learning = (change.abs() > ROUNDING).flatten(2).any(2)
    return Recording(rate, state, None, change, plastic, learning, reward, None, trial_type)


def size(recording: Recording) -> float:
    """Return the root mean square of the weight changes in the trials that change weights."""
    return float(recording.change[recording.learning].square().mean().sqrt())


def with_noisy_changes(recording: Recording, deviation: float, *, generator: Generator) -> Recording:
    """Add noise N(0, deviation²) to every weight change."""
    return recording._replace(change=_noisy(recording.change, deviation, generator))


def with_noisy_rates(recording: Recording, deviation: float, *, generator: Generator) -> Recording:
    """Add noise N(0, deviation²), independent of each other, to every rate and every state."""
    assert recording.state is not None
    rate, state = (_noisy(part, deviation, generator) for part in (recording.rate, recording.state))
    return recording._replace(rate=rate, state=state)


def _noisy(values: Tensor, deviation: float, generator: Generator) -> Tensor:
    return values + deviation * torch.randn(values.shape, generator=generator, dtype=values.dtype)
