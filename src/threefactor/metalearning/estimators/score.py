"""The poster's policy gradient of the expected cumulative reward, with weight changes as actions.

With ``dW = mu + sigma n``,

    dJ/dtheta = E sum_h (G_h - b_h) sigma^-1 <n_h, d mu_h / d theta>,    G_h = sum of rewards after trial h

where d mu / d theta is carried by the weight tangents. The baseline b_h is the mean of G_h over the *other* networks
of the batch: it does not depend on the network's own noise, so it adds no bias. (The running average R_bar would: its
sum telescopes, and the estimate climbs the last average instead of the cumulative reward.) What remains is the author's
choice of the total derivative d mu / d theta, which counts a path theta -> dW_h0 -> W_h -> mu_h twice; it is
exact in the last trial and for short lifetimes.
"""

from collections.abc import Iterable

import torch
from torch import Generator, Tensor

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
        At least two networks before their first trial.
    experiences
        The trials of the lifetime.
    noise
        Standard deviation sigma_w of the weight noise, positive.
    generator
        Of the weight noise.

    Returns
    -------
    MetaGradient
        Per network; a network whose tangents overflow is marked and carries zeros.

    Raises
    ------
    ValueError
        If there is no weight noise, or no other network to take the baseline from.
    """
    if noise <= 0:
        raise ValueError(f"noise = {noise}: the score estimator needs a positive standard deviation")
    if len(learner.network.weights) < 2:
        raise ValueError("networks = 1: the score estimator needs at least 2, for its baseline")
    steps = list(live(rule, learner, experiences, noise, generator=generator))[rule.warm_up :]
    rewards = torch.stack([step.reward for step in steps])
    scores = torch.stack([step.score for step in steps]) / noise
    advantage = reward_to_go(rewards)
    advantage = advantage - others_mean(advantage)
    gradient = (advantage[..., None] * scores).mean(0)
    finite = gradient.isfinite().all(1) & rewards.isfinite().all(0)
    return MetaGradient(torch.where(finite[:, None], gradient, 0), rewards.mean(0), finite)


def reward_to_go(rewards: Tensor) -> Tensor:
    """Return the sum of the rewards of all later trials; h b."""
    return rewards.flip(0).cumsum(0).flip(0) - rewards


def others_mean(values: Tensor) -> Tensor:
    """Return, for each network, the mean over the other networks; h b."""
    batch = values.shape[1]
    return (values.sum(1, keepdim=True) - values) / (batch - 1)
