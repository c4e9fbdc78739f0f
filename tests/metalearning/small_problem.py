"""A small problem of meta-learning, made by hand from the core alone."""

from functools import partial

import torch

from dnms_run import environment, networks
from metalearning.odd_rule import odd_rule
from threefactor import seeding
from threefactor.metalearning.constraints import Constraint
from threefactor.metalearning.coordinates import CoordinateSystem
from threefactor.metalearning.estimators import pathwise
from threefactor.metalearning.problem import HeldOut, Problem, Sample
from threefactor.training.environment import experience
from threefactor.training.learning_run import Criterion
from threefactor.training.trial import start_learning

TERMS = ((1, 1), (3, 1), (3, 3))
TRIALS = 9
START = torch.tensor([0.2, -0.4, -1.0])


def rule(hyperparameters=(), values=None):
    """Return the rule that is learned, with these values of its hyperparameters."""
    made = odd_rule([0.0, 0.0, 0.0], TERMS)
    params = made.params._replace(baseline_exponent=1.0, **(values or {}))
    return made._replace(params=params._replace(hyperparameters=hyperparameters))


def draw(step, values):
    """Draw the learning runs of a step."""
    net, surroundings = networks(3), environment()
    trials = (
        experience(surroundings, net, h, generator=seeding.generator(1, step, h)) for h in range(TRIALS)
    )
    learned = rule(tuple(values), values)
    learner = start_learning(learned, net, len(surroundings.task.trial_types))
    return [Sample(learned, learner, trials, seeding.generator(1, "draws", step))]


def draw_held_out(values):
    """Draw the held-out networks."""
    criterion = Criterion(3, 0.5, 0.9, TRIALS)
    source = partial(seeding.generator, 2, "held out")
    return [HeldOut(rule((), values), networks(2), environment(), criterion, source)]


def problem(**changes):
    """Return a problem of four steps, with some of its fields changed."""
    system = CoordinateSystem(TERMS, torch.tensor([4.0, 2.0, 1.0]))
    made = Problem(system, (TRIALS,) * 4, draw, pathwise.estimate, Constraint(0.65), 0.1)
    return made._replace(**changes)
