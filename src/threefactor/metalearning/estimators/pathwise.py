"""The exact meta-gradient under fixed noise: ``dJ/dtheta = mean over trials of f'(R) rho``.

Its variance grows where learning is chaotic; the outer loop clips it network by network.
"""

from collections.abc import Iterable

import torch
from torch import Generator

from threefactor.contract import Experience, Learner, MetaGradient, Rule
from threefactor.metalearning.trial_record import Noise, after_warm_up, carry, run_trials
from threefactor.training.objective import Objective, objective_value


def estimate(
    rule: Rule,
    learner: Learner,
    experiences: Iterable[Experience],
    *,
    noise: Noise,
    objective: Objective = None,
    generator: Generator,
) -> MetaGradient:
    """Estimate the gradient of the objective over the trials after the warm-up.

    Parameters
    ----------
    rule
        A polynomial rule, with p terms and hyperparameters that carry tangents.
    learner
        b networks before their first trial.
    experiences
        The trials.
    noise
        Of the weights; held fixed, the estimate stays exact. With a memory it is truncated, a bias for less variance.
    objective
        What is maximised.
    generator
        Of the weight noise.

    Returns
    -------
    MetaGradient
        Per network; a network whose tangents overflow is marked and carries zeros.
    """
    records = run_trials(rule, learner, experiences, noise.weights, generator=generator)
    pairs = []
    for trial in carry(rule, records, noise.memory):
        value, slope = objective_value(objective, trial.record.outcome.feedback.reward)
        pairs.append((slope[:, None] * trial.reward_tangent, value))
    gradient, reached = (
        after_warm_up(rule, learner, list(kept)).mean(0) for kept in zip(*pairs, strict=True)
    )
    finite = gradient.isfinite().all(1) & reached.isfinite()
    return MetaGradient(torch.where(finite[:, None], gradient, 0), reached, finite)
