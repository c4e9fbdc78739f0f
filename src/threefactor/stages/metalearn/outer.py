"""One rule that is learned: where, from what, and what a step of its outer loop looks at (part of stages)."""

import importlib
from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from threefactor import seeding
from threefactor.config.metalearn import LearnedRule
from threefactor.contract import Experience, MetaGradient, Network, Rule
from threefactor.experiment import build as assemble
from threefactor.metalearning import held_out, masks
from threefactor.metalearning import perturbation_fit as kicks
from threefactor.metalearning.constraints import Constraint
from threefactor.metalearning.held_out import Score
from threefactor.metalearning.perturbation_fit import Moments
from threefactor.metalearning.scaling import TRIALS, orthonormal, scaling, update_size
from threefactor.metalearning.trial_record import Noise
from threefactor.pipeline.job import Job
from threefactor.pipeline.progress import Advance
from threefactor.pipeline.settings.model import Config
from threefactor.stages import hyperparameters
from threefactor.training.environment import experience
from threefactor.training.trial import start_learning

SIDES = {"evolution": 2}
"""Lifetimes that an estimator lives through for each network, where it is not one."""


class Problem(NamedTuple):
    """A rule that is learned."""

    config: Config  # with the rule's own task and time constant
    wanted: LearnedRule
    terms: list[tuple[int, int]]
    scale: Tensor  # p, theta / scaled theta
    basis: Tensor | None  # p p, symmetric, scaled theta from its coordinates; None where they are the same
    guess: Moments  # of the eligibilities, beside that of the true kicks
    noise: float  # standard deviation of the weight noise of a lifetime

    @property
    def networks(self) -> int:
        """Networks of a step."""
        return self.wanted.networks or self.config.metalearn.networks

    @property
    def steps(self) -> int:
        """Steps of theta."""
        return self.wanted.steps or self.config.metalearn.steps

    @property
    def norm(self) -> float:
        """Norm that the coordinates are held at, 0 for free."""
        own = self.wanted.norm
        return self.config.metalearn.norm if own == "" else own

    @property
    def learning_rate(self) -> float:
        """Adam's step."""
        return self.wanted.learning_rate or self.config.metalearn.learning_rate

    @property
    def constraint(self) -> Constraint:
        """What scaled theta is held to."""
        own = self.wanted
        return Constraint(self.norm, own.sparsity, own.rank or 0, tuple(self.terms), self.scale)

    def scaled(self, coordinates: Tensor) -> Tensor:
        """Return scaled theta (... p) from its coordinates."""
        return coordinates if self.basis is None else coordinates @ self.basis

    def raw(self, coordinates: Tensor) -> Tensor:
        """Return theta (... p) from its coordinates."""
        return self.scale * self.scaled(coordinates)

    def coordinates(self, raw: Tensor) -> Tensor:
        """Return the coordinates of theta, p."""
        scaled = raw / self.scale
        return scaled if self.basis is None else torch.linalg.solve(self.basis, scaled)

    def lifetime(self, step: int) -> int:
        """Return the trials of a step's lifetime: the curriculum's share, each share for an equal part of the steps."""
        shares, longest = (
            self.config.metalearn.curriculum,
            self.wanted.lifetime or self.config.metalearn.lifetime,
        )
        return round(shares[min(step, self.steps - 1) * len(shares) // self.steps] * longest)

    def trials(self, steps: int) -> int:
        """Return the trials that all networks of so many steps simulate."""
        sides = SIDES.get(self.wanted.estimator, 1)
        return sides * self.networks * sum(self.lifetime(step) for step in range(steps))


def pose(job: Job, key: str) -> Problem:
    """Return the rule of a key of ``metalearn.rules``, without weight noise."""
    wanted = job.config.metalearn.rules[key]
    config = assemble.of_learned(job.config, wanted)
    terms = masks.chosen(wanted.terms, config.metalearn.degree)
    rule, networks = _sample(job, config, terms, torch.ones(len(terms)))
    noise = assemble.noise(config, "metalearn scaling")
    environment = assemble.environment(config)
    found = scaling(rule, networks, environment, generator=noise)
    _expect_scale(f"metalearn.rules.{key}", terms, found.scale)
    basis = orthonormal(found.correlation) if wanted.coordinates == "orthonormal" else None
    guess = kicks.moments(rule, networks, environment, TRIALS, generator=noise)
    return Problem(config, wanted, terms, found.scale, basis, guess, 0.0)


def _expect_scale(place: str, terms: list[tuple[int, int]], scale: Tensor) -> None:
    """Refuse terms (p) that have no scale (p), since they, or theta_33, move no weight or beyond all numbers."""
    for (k, l), size in zip(terms, scale.tolist(), strict=True):
        if not 0 < size < float("inf"):
            raise FloatingPointError(
                f"{place}: the changes of weights by term {k}{l} in untrained networks, or by term 33, are zero or not "
                f"finite (their ratio is {size}): allowed are settings of task, network, perturbation and plasticity "
                "under which rates and deviations are neither"
            )


def noisy(job: Job, problem: Problem, start: Tensor) -> Problem:
    """Return the rule with its weight noise, measured by the updates of theta at its coordinates (p)."""
    config, share = problem.config, problem.wanted.noise
    if share == 0:
        return problem
    rule, networks = _sample(job, config, problem.terms, problem.raw(start))
    source = assemble.noise(config, "metalearn scaling")
    size = update_size(rule, networks, assemble.environment(config), generator=source)
    return problem._replace(noise=share * size)


def _sample(job: Job, config: Config, terms: list[tuple[int, int]], theta: Tensor) -> tuple[Rule, Network]:
    """Return a rule, and the networks that scale it."""
    ids = range(config.metalearn.scaling_networks)
    networks = assemble.network(config, ids, job.device, purpose="metalearn scaling")
    return assemble.polynomial(config, terms, theta.to(networks.weights)), networks


def gradient(
    job: Job,
    problem: Problem,
    theta: Tensor,
    step: int,
    bar: Advance,
    purpose: str = "metalearn",
    *,
    free: Tensor | None = None,
) -> MetaGradient:
    """Estimate the gradient with respect to the coordinates of theta (p) and of settings that are learned (s).

    Every step has networks of its own. Settings are where they start unless free coordinates say otherwise.
    """
    wanted, count = problem.wanted, problem.networks
    free = hyperparameters.start(wanted.learn, theta).theta if free is None else free
    config = hyperparameters.settings(problem.config, wanted.learn, free)
    ids = range(step * count, (step + 1) * count)
    networks = assemble.network(config, ids, job.device, purpose=purpose)
    rule = assemble.polynomial(config, problem.terms, problem.raw(theta), hyperparameters.names(wanted.learn))
    beside = hyperparameters.slopes(rule, free)
    environment, source = (
        hyperparameters.environment(config, wanted.learn),
        assemble.noise(config, purpose, step),
    )
    estimator = importlib.import_module(f"threefactor.metalearning.estimators.{wanted.estimator}")

    def trials() -> Iterator[Experience]:
        for h in range(problem.lifetime(step)):
            yield experience(environment, networks, h, generator=source(h))
            bar.advance()

    found: MetaGradient = estimator.estimate(
        rule,
        start_learning(rule, networks, len(environment.task.trial_types)),
        trials(),
        noise=Noise(problem.noise, wanted.step * _perturbation(problem, beside), wanted.memory or 0),
        objective=hyperparameters.objective(config, wanted),
        generator=seeding.generator(config.seed, purpose, "weight noise", step),
    )
    theta_part, beside_part = found.gradient.tensor_split([len(problem.terms)], 1)
    along = problem.scaled(theta_part * problem.scale)
    return found._replace(gradient=torch.cat([along, beside_part * beside], 1))


def _perturbation(problem: Problem, beside: Tensor) -> Tensor:
    """Return what turns a perturbation of all coordinates into one of theta and hyperparameters: factors, or a matrix."""
    if problem.basis is None:
        return torch.cat([problem.scale, beside])
    return torch.block_diag(problem.scale[:, None] * problem.basis, beside.diag())


def score(
    job: Job,
    problem: Problem,
    thetas: Tensor,
    networks: int,
    trials: int,
    *,
    purpose: str,
    free: Tensor | None = None,
) -> Score:
    """Score thetas by their coordinates (r p) on networks held out; all meet the same networks, trials and kicks.

    Settings that are learned are where they start unless free coordinates (s) say otherwise.
    """
    learn = problem.wanted.learn
    config = problem.config if free is None else hyperparameters.settings(problem.config, learn, free)
    held = assemble.network(config, range(networks), job.device, purpose=purpose)
    rule = side_by_side(config, problem.terms, problem.raw(thetas))
    criterion = assemble.criterion(config)._replace(horizon=trials)
    noise, environment = assemble.noise(config, purpose), assemble.environment(config)
    return held_out.score(rule, held, environment, criterion, generator=noise)


def side_by_side(config: Config, terms: list[tuple[int, int]], values: Tensor) -> Rule:
    """Return the polynomial rule with a theta for each row of values, r p."""
    rule = assemble.polynomial(config, terms, values[0])
    k, l = torch.tensor(terms).T
    theta = rule.params.theta.new_zeros(len(values), *rule.params.theta.shape)
    theta[:, k, l] = values.to(theta)
    return rule._replace(params=rule.params._replace(theta=theta))
