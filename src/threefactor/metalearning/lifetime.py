"""A lifetime with tangents: what every estimator of the meta-gradient looks at."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from threefactor.contract import Experience, Learner, Rule
from threefactor.derivatives import two_pass
from threefactor.derivatives.gate import start_tangents
from threefactor.network.perturbation import draw_weight_noise
from threefactor.training.batch import with_weights
from threefactor.training.trial import learn


class Step(NamedTuple):
    """What one trial of a lifetime tells about theta."""

    reward: Tensor  # b
    reward_tangent: Tensor  # b p, rho
    score: Tensor  # b p, <n, d mean update / d theta> with n the standard normal weight noise


def live(
    rule: Rule, learner: Learner, experiences: Iterable[Experience], noise: float, *, generator: Generator
) -> Iterator[Step]:
    """Learn through trials with tangents, one step a trial.

    Parameters
    ----------
    rule
        A polynomial rule.
    learner
        Before the first trial.
    experiences
        The trials with their noise.
    noise
        Standard deviation sigma_w of the noise that each weight change gets after the warm-up; 0 for none.
    generator
        Of that noise.
    """
    tangents = start_tangents(rule, learner)
    for experience in experiences:
        before, old = learner, tangents
        learner, outcome = learn(rule, before, *experience)
        tangents, rho = two_pass.push(rule, before, experience.trial, outcome, old)
        score = torch.zeros_like(rho)
        if noise > 0 and before.trials >= rule.warm_up:
            drawn = draw_weight_noise(learner.network, generator=generator)
            learner = with_weights(learner, learner.network.weights + noise * drawn)
            # how the mean update moves with theta, at the old weights' own dependence on it
            score = torch.einsum("bij,bpij->bp", drawn, tangents.weight - old.weight)
        yield Step(outcome.feedback.reward, rho, score)
