"""Antithetic evolution strategies: the gradient from rewards alone, any rule and any reward.

Each network has one perturbation of theta, and lives twice, on either side of it, through the same trials and noise:

    dJ/dtheta_p = E (J(theta + s eps) - J(theta - s eps)) eps_p / (2 s_p),    eps standard normal

with the size s_p of the perturbation of each raw coefficient, or a matrix that turns eps into one of all. It is the
gradient of J smoothed by these perturbations.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from threefactor.contract import Experience, Learner, MetaGradient, Rule
from threefactor.metalearning.lifetime import Noise, after_warm_up, draw_after_warm_up, learn_noisily
from threefactor.training.batch import select


class Contrast(NamedTuple):
    """What one trial tells about a perturbation of theta."""

    reward: Tensor  # b, mean of the two sides
    difference: Tensor  # b, half that between them


def estimate(
    rule: Rule, learner: Learner, experiences: Iterable[Experience], *, noise: Noise, generator: Generator
) -> MetaGradient:
    """Estimate the gradient of the mean reward over the trials after the warm-up.

    Parameters
    ----------
    rule
        A polynomial rule, with p terms that are perturbed.
    learner
        b networks before their first trial.
    experiences
        The trials of the lifetime.
    noise
        Of the weights, common to a pair, and of theta, positive.
    generator
        Of the perturbations of theta, then of the weight noise.

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
    lives = list(contrast(rule, learner, experiences, shift, noise.weights, generator=generator))
    difference = after_warm_up(rule, learner, [trial.difference for trial in lives]).mean(0)
    objective = after_warm_up(rule, learner, [trial.reward for trial in lives]).mean(0)
    seen = difference[:, None] * direction
    gradient = torch.linalg.solve(noise.theta.mT, seen.mT).mT if mixes else seen / noise.theta
    finite = gradient.isfinite().all(1) & objective.isfinite()
    return MetaGradient(torch.where(finite[:, None], gradient, 0), objective, finite)


def draw_direction(rule: Rule, learner: Learner, size: Tensor, *, generator: Generator) -> Tensor:
    """Draw the perturbation of each network in units of its size, N(0, 1); b p.

    Raises
    ------
    ValueError
        If a size is not positive.
    """
    if not (size > 0 if size.dim() < 2 else size.diagonal() > 0).all():
        raise ValueError(f"noise.theta = {size.tolist()}: evolution needs positive standard deviations")
    weights, terms = learner.network.weights, rule.params.terms
    return torch.randn(len(weights), len(terms), generator=generator, dtype=weights.dtype).to(weights.device)


def contrast(
    rule: Rule,
    learner: Learner,
    experiences: Iterable[Experience],
    shift: Tensor,
    noise: float,
    *,
    generator: Generator,
) -> Iterator[Contrast]:
    """Live through the trials on either side of theta, with common noise; all pairs side by side.

    Parameters
    ----------
    rule, learner, experiences
        As in `estimate`.
    shift
        b p, of raw theta, up and down.
    noise
        Standard deviation sigma_w of the weight noise.
    generator
        Of the weight noise.
    """
    both, half = torch.arange(len(shift)).repeat(2), len(shift)
    sides = moved(rule, torch.cat([shift, -shift]))
    learners = select(learner, both)
    for experience in experiences:
        now = learner._replace(trials=learners.trials)
        drawn = draw_after_warm_up(rule, now, noise, generator=generator)
        learners, outcome = learn_noisily(sides, learners, *select((experience, drawn), both), noise)
        up, down = outcome.feedback.reward[:half], outcome.feedback.reward[half:]
        yield Contrast((up + down) / 2, (up - down) / 2)


def moved(rule: Rule, shift: Tensor) -> Rule:
    """Return the rule with its terms moved by the shift, p; or b p, with a theta for each network."""
    k, l = torch.tensor(rule.params.terms).T
    theta = rule.params.theta.repeat(*shift.shape[:-1], 1, 1)
    theta[..., k, l] += shift
    return rule._replace(params=rule.params._replace(theta=theta))
