"""The exact meta-gradient under fixed noise: ``dJ/dtheta = mean over trials of rho``.

Its variance grows where learning is chaotic; the outer loop clips it network by network.
"""

from collections.abc import Iterable

import torch
from torch import Generator

from threefactor.contract import Experience, Learner, MetaGradient, Rule
from threefactor.metalearning.lifetime import live


def estimate(
    rule: Rule, learner: Learner, experiences: Iterable[Experience], *, noise: float, generator: Generator
) -> MetaGradient:
    """Estimate the gradient of the mean reward over the trials after the warm-up.

    Parameters
    ----------
    rule
        A polynomial rule, with p terms that carry tangents.
    learner
        b networks before their first trial.
    experiences
        The trials of the lifetime.
    noise
        Standard deviation sigma_w of the weight noise; held fixed, the estimate stays exact.
    generator
        Of the weight noise.

    Returns
    -------
    MetaGradient
        Per network; a network whose tangents overflow is marked and carries zeros.
    """
    steps = list(live(rule, learner, experiences, noise, generator=generator))[rule.warm_up :]
    gradient = torch.stack([step.reward_tangent for step in steps]).mean(0)
    objective = torch.stack([step.reward for step in steps]).mean(0)
    finite = gradient.isfinite().all(1) & objective.isfinite()
    return MetaGradient(torch.where(finite[:, None], gradient, 0), objective, finite)
