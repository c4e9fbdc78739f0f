"""Where the meta-gradient is estimated, and the trials of learning that every estimator sees."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import torch
from torch import Generator, Tensor

from threefactor import seeding
from threefactor.contract import Experience, Learner, Rule
from threefactor.experiment import build, build_rule
from threefactor.metalearning.ascent import hold_norm
from threefactor.metalearning.scaling import monomial_scale, update_size
from threefactor.training.environment import experience
from threefactor.training.trial import learn, start_learning


class Problem(NamedTuple):
    """Where the gradient is estimated."""

    settings: Any  # with the plasticity of the job's strength
    rule: Rule
    scale: Tensor  # p, theta / scaled theta
    size: float  # root mean square of a weight change
    device: torch.device


class Batch(NamedTuple):
    """Networks past the warm-up, and what they will meet; drawn anew for every estimator."""

    learner: Learner
    trials: Callable[[], Iterator[Experience]]
    generator: Callable[[str], Generator]  # of an estimator's own noise, by its purpose


def problem_of(settings: Any, strength: float, device: torch.device) -> Problem:
    """Return the rule theta_33 without momentum, of the norm that meta-learning holds, at a strength of plasticity.

    Parameters
    ----------
    settings
        Of an experiment.
    strength
        Learning rate and clip are times this.
    device
        Where tensors live.
    """
    plasticity = settings.plasticity
    settings = settings.changed(
        {
            "plasticity.learning_rate": strength * plasticity.learning_rate,
            "plasticity.clip": strength * plasticity.clip,
            "plasticity.update_size": "",
            "plasticity.momentum": 0.0,  # scores take each weight change for one update and its noise
        }
    )
    terms = [(int(name[0]), int(name[1])) for name in settings.estimate.terms]
    ids = range(settings.metalearn.scaling_networks)
    networks = build.network(settings, ids, device, purpose="metalearn scaling")
    environment, noise = build.environment(settings), build.noise(settings, "metalearn scaling")
    rule = build_rule.polynomial(settings, terms, torch.ones(len(terms)).to(networks.weights))
    scale = monomial_scale(rule, networks, environment, generator=noise)
    start = torch.tensor([build_rule.monomial_sign(term) if term == (3, 3) else 0.0 for term in terms])
    theta = scale * hold_norm(start.to(scale), settings.metalearn.norm)
    rule = build_rule.polynomial(settings, terms, theta)
    size = update_size(rule, networks, environment, generator=noise)
    return Problem(settings, rule, scale, size, device)


def batch_of(problem: Problem, ids: range) -> Batch:
    """Draw networks and run them through the warm-up, in which nothing depends on theta."""
    settings, first, longest = problem.settings, ids[0], problem.settings.estimate.horizons[-1]
    networks = build.network(settings, ids, problem.device, purpose="estimate")
    environment, noise = build.environment(settings), build.noise(settings, "estimate", first)
    learner = start_learning(problem.rule, networks, len(environment.task.trial_types))
    warm_up = problem.rule.warm_up
    for h in range(warm_up):
        learner, _ = learn(problem.rule, learner, *experience(environment, networks, h, generator=noise(h)))

    def trials() -> Iterator[Experience]:
        for h in range(warm_up, warm_up + longest):
            yield experience(environment, networks, h, generator=noise(h))

    seed = settings.seed
    return Batch(learner, trials, lambda purpose: seeding.generator(seed, "estimate", purpose, first))
