"""Policy gradients, with noisy weight changes as actions: what the score estimators share.

With ``dW_h = mu_h + sigma_w n_h`` in trial h, n standard normal,

    dJ/dtheta = 1/H E sum_h (G_h - b_h) sigma_w^-1 <n_h, d mu_h / d theta>,    G_h = sum of the rewards after trial h

over the H trials after the warm-up. The baseline b_h is the mean of G_h over the *other* networks of the batch: it does
not depend on the network's own noise, so it adds no bias. (The sum of its own running averages R_bar would, as
`threefactor.metalearning.estimator_bias` shows.) The two estimators differ in which derivative of mu is meant, the total
one or that at fixed weights.
"""

from collections.abc import Iterable
from typing import NamedTuple

import torch
from torch import Tensor

from threefactor.contract import Learner, MetaGradient, Rule
from threefactor.metalearning.trial_record import after_warm_up
from threefactor.training.objective import Objective, objective_value


class Scored(NamedTuple):
    """What one trial tells about theta."""

    reward: Tensor  # b
    score: Tensor  # b p, <n, d mu / d theta>; zero without noise


def policy_gradient(
    rule: Rule, learner: Learner, trials: Iterable[Scored], noise: float, objective: Objective = None
) -> MetaGradient:
    """Return the policy gradient of the objective over the trials after the warm-up, per network.

    A network whose scores or rewards overflow is marked and carries zeros.

    Parameters
    ----------
    rule
        A polynomial rule, with p terms.
    learner
        At least two networks before their first trial.
    trials
        The record of each trial.
    noise
        sigma_w, positive.
    objective
        What is maximised.

    Raises
    ------
    ValueError
        If hyperparameters are meta-learned, or there is no weight noise, no other network for the baseline, or no trial
        after the warm-up.
    """
    if rule.params.hyperparameters:
        raise ValueError(
            f"hyperparameters = {rule.params.hyperparameters}: must be () for score estimators, which are for theta alone"
        )
    if noise <= 0:
        raise ValueError(f"noise.weights = {noise}: must be positive for score estimators")
    if len(learner.network.weights) < 2:
        raise ValueError("networks = 1: must be at least 2 for score estimators, for their baseline")
    kept = list(trials)
    rewards = after_warm_up(rule, learner, [objective_value(objective, trial.reward)[0] for trial in kept])
    advantage = reward_to_go(rewards)
    advantage = advantage - others_mean(advantage)
    scores = after_warm_up(rule, learner, [trial.score for trial in kept])
    gradient = weigh(advantage, scores, noise)
    finite = gradient.isfinite().all(1) & rewards.isfinite().all(0)
    return MetaGradient(torch.where(finite[:, None], gradient, 0), rewards.mean(0), finite)


def weigh(advantage: Tensor, scores: Tensor, noise: float) -> Tensor:
    """Return the mean over trials of advantage (h b) times score (h b p), per unit of noise; b p."""
    return (advantage[..., None] * scores).mean(0) / noise


def score(drawn: Tensor | None, slope: Tensor) -> Tensor:
    """Return ``<n, d mu / d theta>`` from the noise (b i j) and the slope of mu (b p i j); b p, zero without noise."""
    return (
        torch.zeros_like(slope[:, :, 0, 0]) if drawn is None else torch.einsum("bij,bpij->bp", drawn, slope)
    )


def reward_to_go(rewards: Tensor) -> Tensor:
    """Return the sum of the rewards of all later trials; h b."""
    return rewards.flip(0).cumsum(0).flip(0) - rewards


def others_mean(values: Tensor) -> Tensor:
    """Return, for each network, the mean over the other networks whose values are finite; h b, NaN if there is none."""
    finite = values.isfinite()
    kept = torch.where(finite, values, 0)
    others = finite.sum(1, keepdim=True) - finite.to(values.dtype)
    return (kept.sum(1, keepdim=True) - kept) / torch.where(others > 0, others, torch.nan)
