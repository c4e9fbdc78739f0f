"""What a GPU is given to do: pieces of work made with the core alone, which needs torch and numpy."""

from collections.abc import Callable
from typing import NamedTuple

import torch

from threefactor import seeding
from threefactor.contract import Experience, Learner, Rule
from threefactor.derivatives import reverse, two_pass
from threefactor.derivatives.end_of_trial import start_tangents
from threefactor.learning_rules import polynomial
from threefactor.learning_rules.polynomial import Polynomial
from threefactor.network import initial
from threefactor.network.perturbation import Sparse
from threefactor.tasks import dnms
from threefactor.training.batch import convert
from threefactor.training.environment import Environment, experience
from threefactor.training.trial import learn, start_learning

TRIALS, BURN_IN = 4, 5


class Size(NamedTuple):
    """What is timed."""

    name: str
    units: int
    time_step: float  # ms; a trial takes 1000
    degree: int  # highest power; odd powers alone
    networks: int


def problem(size: Size, device: str, dtype: torch.dtype) -> tuple[Rule, Learner, tuple[Experience, ...]]:
    """Return a rule, learners in the midst of learning, and their next trials; the same numbers everywhere."""
    generators = [seeding.generator(1, "gpu", n) for n in range(size.networks)]
    network = initial.draw(
        units=size.units, inputs=2, outputs=1, gain=1.5, input_scale=1.0, clamped={1: 1.0}, readout="unit",
        leak=min(0.5, size.time_step / 100), generators=generators,
    )  # fmt: skip
    odd = range(1, size.degree + 1, 2)
    terms = tuple((k, l) for k in odd for l in odd)
    theta = torch.zeros(size.degree + 1, size.degree + 1)
    for n, (k, l) in enumerate(terms):
        theta[k, l] = (-1) ** n
    params = Polynomial(theta, terms, 0.01, 2e-3, 1.0, 0.03, False, 1.0, 0.0, size.time_step, 0)
    rule = Rule("polynomial", params, polynomial.init, polynomial.update, 0.6, 0)
    task = dnms.make(1000, size.time_step, 0.98, "graded")
    environment = Environment(task, 0.1, Sparse(0.5, 0.001 * size.time_step))
    trials = [
        experience(environment, network, h, generator=seeding.generator(1, "gpu trial", h))
        for h in range(BURN_IN + TRIALS)
    ]
    learner = start_learning(rule, network, len(task.trial_types))
    rule, learner, trials = convert((rule, learner, tuple(trials)), dtype=dtype, device=torch.device(device))
    for one in trials[:BURN_IN]:
        learner, _ = learn(rule, learner, *one)
    return rule, learner, trials[BURN_IN:]


def _forward(rule: Rule, learner: Learner, trials: tuple[Experience, ...]) -> Callable[[], torch.Tensor]:
    """Return one trial of learning, which gives the weights after it."""
    return lambda: learn(rule, learner, *trials[0])[0].network.weights


def _tangents(rule: Rule, learner: Learner, trials: tuple[Experience, ...]) -> Callable[[], torch.Tensor]:
    """Return one trial with all tangents taken through it, which gives the weight tangents after it."""
    after, outcome = learn(rule, learner, *trials[0])
    carried, _ = two_pass.jvp(rule, learner, trials[0].trial, outcome, start_tangents(rule, learner))

    def work() -> torch.Tensor:
        _, outcome = learn(rule, after, *trials[1])
        return two_pass.jvp(rule, after, trials[1].trial, outcome, carried)[0].weight

    return work


def _reverse(rule: Rule, learner: Learner, trials: tuple[Experience, ...]) -> Callable[[], torch.Tensor]:
    """Return the meta-gradient of a learning run in reverse mode."""
    return lambda: reverse.meta_gradient(rule, learner, trials).gradient


PIECES = {"forward": _forward, "tangents": _tangents, "reverse": _reverse}
