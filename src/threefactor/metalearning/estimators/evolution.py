"""Antithetic evolution strategies: the gradient from rewards alone, any rule and any reward.

Each network has one perturbation of theta, and learns twice, on either side of it, from the same trials and noise:

    dJ/dtheta_p = E (J(theta + s eps) - J(theta - s eps)) eps_p / (2 s_p),    eps standard normal

with the size s_p of the perturbation of each raw coefficient, or a matrix that turns eps into one of all. It is the
gradient of J smoothed by these perturbations. Hyperparameters are perturbed too, even the rate of perturbations of units
(`threefactor.metalearning.sides`).
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from threefactor.contract import Experience, Learner, MetaGradient, Rule
from threefactor.derivatives import hyperparameters
from threefactor.metalearning.sides import draw_marks, moved_sides, perturbed
from threefactor.metalearning.trial_record import Noise, after_warm_up, draw_after_warm_up, learn_noisily
from threefactor.training.batch import select
from threefactor.training.objective import Objective, objective_value

RUNS_PER_NETWORK = 2  # learning runs: one on either side


class Contrast(NamedTuple):
    """What one trial tells about a perturbation of theta."""

    reward: Tensor  # b, mean objective of the two sides
    difference: Tensor  # b, half that between them


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
        A polynomial rule, with p terms and hyperparameters that are perturbed, among these also ``perturbation_share``.
    learner
        b networks before their first trial.
    experiences
        The trials; with ``perturbation_share``, of candidate perturbations ``1 / SHARE`` times as often as are kept.
    noise
        Of the weights, common to a pair, and of theta and the hyperparameters, positive.
    objective
        What is maximised.
    generator
        Of the perturbations of theta, then of the weight noise and of the marks of candidates.

    Returns
    -------
    MetaGradient
        Per network; a network whose rewards overflow is marked and carries zeros.

    Raises
    ------
    ValueError
        If theta is not perturbed.
    """
    direction = draw_direction(rule, learner, noise.theta, generator=generator)
    mixes = noise.theta.dim() == 2
    shift = direction @ noise.theta.mT if mixes else direction * noise.theta
    contrasts = list(
        contrast(rule, learner, experiences, shift, noise.weights, objective=objective, generator=generator)
    )
    difference = after_warm_up(rule, learner, [trial.difference for trial in contrasts]).mean(0)
    reached = after_warm_up(rule, learner, [trial.reward for trial in contrasts]).mean(0)
    seen = difference[:, None] * direction
    gradient = torch.linalg.solve(noise.theta.mT, seen.mT).mT if mixes else seen / noise.theta
    finite = gradient.isfinite().all(1) & reached.isfinite()
    return MetaGradient(torch.where(finite[:, None], gradient, 0), reached, finite)


def draw_direction(rule: Rule, learner: Learner, size: Tensor, *, generator: Generator) -> Tensor:
    """Draw the perturbation of each network in units of its size, N(0, 1); b p.

    Raises
    ------
    ValueError
        If a size is not positive.
    """
    if not (size > 0 if size.dim() < 2 else size.diagonal() > 0).all():
        raise ValueError(f"noise.theta = {size.tolist()}: must be positive for evolution")
    weights, count = learner.network.weights, hyperparameters.count(rule.params)
    return torch.randn(len(weights), count, generator=generator, dtype=weights.dtype).to(weights.device)


def contrast(
    rule: Rule,
    learner: Learner,
    experiences: Iterable[Experience],
    shift: Tensor,
    noise: float,
    *,
    objective: Objective = None,
    generator: Generator,
) -> Iterator[Contrast]:
    """Learn on either side of theta, with common noise; all pairs side by side, unless hyperparameters differ.

    Parameters
    ----------
    rule, learner, experiences
        As in `estimate`.
    shift
        b p, of raw theta and of the hyperparameters, up and down.
    noise
        Standard deviation sigma_w of the weight noise.
    objective
        What is maximised.
    generator
        Of the weight noise, and of the marks of candidates.
    """
    both, half = torch.arange(len(shift)).repeat(2), len(shift)
    sides = moved_sides(rule, torch.cat([shift, -shift]))
    parts = both.split(len(both) // len(sides))
    learners = [select(learner, part) for part in parts]
    for experience in experiences:
        now = learner._replace(trials=learners[0].trials)
        drawn = draw_after_warm_up(rule, now, noise, generator=generator)
        marks = draw_marks(rule, experience, generator=generator)
        rewards = []
        for n, (side, part) in enumerate(zip(sides, parts, strict=True)):
            sampled, noisy, marked = select((experience, drawn, marks), part)
            perturbation = perturbed(side, sampled, marked)
            learners[n], outcome = learn_noisily(side.rule, learners[n], perturbation, noisy, noise)
            rewards.append(outcome.feedback.reward)
        value, _ = objective_value(objective, torch.cat(rewards))
        up, down = value[:half], value[half:]
        yield Contrast((up + down) / 2, (up - down) / 2)
