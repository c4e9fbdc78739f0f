"""What meta-learning solves: which rule is sought, from which learning runs, and how its gradient is estimated.

Networks, trials and held-out networks come from callables, so that whoever learns a rule brings their own. The callables
get the step, and the values of meta-learned hyperparameters, by name. They return one bundle of networks for each
condition that the rule is learned under; networks of different conditions may differ in size, task and time step.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple, Protocol

import torch
from torch import Generator, Tensor

from threefactor.contract import Experience, Learner, MetaGradient, Network, Rule
from threefactor.metalearning import coordinates, held_out, hyperparameters
from threefactor.metalearning.constraints import Constraint
from threefactor.metalearning.coordinates import CoordinateSystem, with_theta
from threefactor.metalearning.held_out import Score
from threefactor.metalearning.trial_record import Noise
from threefactor.training.environment import Environment
from threefactor.training.learning_run import Criterion
from threefactor.training.objective import Objective


class Estimator(Protocol):
    """Anything that estimates a meta-gradient; see `threefactor.metalearning.estimators.pathwise.estimate`."""

    def __call__(
        self,
        rule: Rule,
        learner: Learner,
        experiences: Iterable[Experience],
        *,
        noise: Noise,
        objective: Objective = None,
        generator: Generator,
    ) -> MetaGradient:
        """Return the estimate with respect to theta and hyperparameters, per network."""


class Sample(NamedTuple):
    """The learning runs of one step under one condition."""

    rule: Rule  # polynomial, with p terms and s hyperparameters; its theta does not matter
    learner: Learner  # b networks before their first trial
    experiences: Iterable[Experience]  # the trials
    generator: Generator  # of what the estimator draws


class HeldOut(NamedTuple):
    """Networks of one condition that no gradient is taken from; see `threefactor.metalearning.held_out.score`."""

    rule: Rule  # polynomial, with p terms; its theta does not matter
    network: Network  # m networks before learning
    environment: Environment
    criterion: Criterion  # its horizon is the number of trials
    generator: Callable[[int], Generator]  # of the noise of trial h


Values = Mapping[str, float]
"""Values of meta-learned hyperparameters, by their names in the core."""


class Problem(NamedTuple):
    """A rule that is meta-learned."""

    system: CoordinateSystem
    schedule: tuple[int, ...]  # trials of the learning runs of each step
    draw: Callable[[int, Values], Sequence[Sample]]  # of a step, at least one
    estimate: Estimator
    constraint: Constraint
    learning_rate: float  # of Adam
    objective: Objective = None
    hyperparameters: Values = MappingProxyType({})  # before the first step, in the order of their coordinates
    weight_noise: float = 0.0  # sigma_w, standard deviation of the noise of each weight change
    perturbation: float = 0.0  # standard deviation of the perturbation of each coordinate by evolution
    memory: int = 0  # trials after which exact derivatives are forgotten; 0 for never
    draw_held_out: Callable[[Values], Sequence[HeldOut]] | None = None
    held_out_every: int = 1  # steps between two scores
    patience: int = 0  # scores without a better one after which learning stops; 0 for never

    @property
    def steps(self) -> int:
        """Steps of theta."""
        return len(self.schedule)


def gradient(problem: Problem, theta: Tensor, free: Tensor, step: int) -> tuple[MetaGradient, MetaGradient]:
    """Estimate the gradients of one step, per network, those of its conditions one after the other.

    Parameters
    ----------
    problem
        What is meta-learned.
    theta
        Its coordinates, p.
    free
        Free coordinates of the hyperparameters, s.
    step
        Number of the step, which decides networks and trials.

    Returns
    -------
    tuple of MetaGradient
        With respect to the coordinates of theta (b p), and to the free ones (b s).
    """
    samples = problem.draw(step, hyperparameters.values(problem.hyperparameters, free))
    along, beside = zip(*(_gradient_of(problem, sample, theta, free) for sample in samples), strict=True)
    return _joined(along), _joined(beside)


def _gradient_of(
    problem: Problem, sample: Sample, theta: Tensor, free: Tensor
) -> tuple[MetaGradient, MetaGradient]:
    """Estimate the gradients of the networks of one condition; see `gradient`."""
    rule = with_theta(sample.rule, coordinates.theta(problem.system, theta))
    slopes = hyperparameters.slopes(rule, free)
    size = problem.perturbation * _jacobian(problem.system, slopes)
    found = problem.estimate(
        rule,
        sample.learner,
        sample.experiences,
        noise=Noise(problem.weight_noise, size, problem.memory),
        objective=problem.objective,
        generator=sample.generator,
    )
    raw, beside = found.gradient.tensor_split([len(problem.system.terms)], 1)
    along = coordinates.gradient(problem.system, raw)
    return found._replace(gradient=along), found._replace(gradient=beside * slopes)


def _joined(parts: Sequence[MetaGradient]) -> MetaGradient:
    """Return the estimates of all networks, b, of several conditions."""
    return MetaGradient(*map(torch.cat, zip(*parts, strict=True)))


def _jacobian(system: CoordinateSystem, slopes: Tensor) -> Tensor:
    """Return the derivatives of theta and hyperparameters with respect to all coordinates: its diagonal, or a matrix."""
    if system.basis is None:
        return torch.cat([system.scale, slopes])
    return torch.block_diag(system.scale[:, None] * system.basis, slopes.diag())


def score(problem: Problem, thetas: Tensor, free: Tensor) -> Score:
    """Score thetas on the held-out networks; all meet the same networks, trials and noise.

    Parameters
    ----------
    problem
        What is meta-learned.
    thetas
        Coordinates, r p.
    free
        Free coordinates of the hyperparameters, s.

    Raises
    ------
    ValueError
        If the problem has no held-out networks.
    """
    if problem.draw_held_out is None:
        raise ValueError("draw_held_out = None: must be a function to score theta on held-out networks")
    drawn = problem.draw_held_out(hyperparameters.values(problem.hyperparameters, free))
    raw = coordinates.theta(problem.system, thetas)
    scores = [
        held_out.score(
            with_theta(held.rule, raw),
            held.network,
            held.environment,
            held.criterion,
            generator=held.generator,
        )
        for held in drawn
    ]
    return Score(*(torch.cat(part, 1) for part in zip(*scores, strict=True)))
