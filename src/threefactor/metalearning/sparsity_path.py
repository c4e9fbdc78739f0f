"""The path of one rule from dense to sparse: theta at growing weights of ``|theta|_1``, each from the one before."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from threefactor.metalearning import constraints
from threefactor.metalearning.ascent import Ascent, average, start_ascent
from threefactor.metalearning.problem import Problem, gradient


class Path(NamedTuple):
    """Where the path stands."""

    theta: Ascent  # at the weight of now
    iterates: Tensor  # s p, at the weight of now
    found: Tensor  # w p, scaled theta at each weight, the dense one first
    ended: bool  # whether a weight left no term


def start(problem: Problem, theta: Tensor) -> Path:
    """Return the path at scaled theta (p) before its first step."""
    return Path(
        start_ascent(theta, problem.constraint.norm), theta.new_zeros(0, len(theta)), theta[None], False
    )


def is_finished(weights: Sequence[float], path: Path) -> bool:
    """Tell whether theta was learned at every weight, or one left no term."""
    return path.ended or len(path.found) > len(weights)


def steps_done(problem: Problem, weights: Sequence[float], path: Path) -> int:
    """Return the steps of all weights that are done."""
    return (len(path.found) - 1) * _steps(problem, weights) + path.theta.step


def _steps(problem: Problem, weights: Sequence[float]) -> int:
    """Return the steps at each weight."""
    return problem.steps // max(1, len(weights))


def step(problem: Problem, weights: Sequence[float], path: Path) -> Path:
    """Take one step of theta; after the last one at a weight, go on to the next.

    Parameters
    ----------
    problem
        What is learned, in scaled monomials; its schedule has equally many steps for each weight.
    weights
        Of ``|theta|_1``, in units of the gradient.
    path
        Before the step.

    Raises
    ------
    FloatingPointError
        If no network has a finite meta-gradient.
    """
    held = problem.constraint._replace(sparsity=weights[len(path.found) - 1])
    nothing = path.found.new_zeros(0)
    estimate, _ = gradient(problem, path.theta.coordinates, nothing, steps_done(problem, weights, path))
    mean = average(estimate).gradient
    try:
        theta = constraints.ascend_within(path.theta, mean, problem.learning_rate, held)
    except FloatingPointError:  # nothing is left
        return path._replace(ended=True)
    iterates = torch.cat([path.iterates, theta.coordinates[None]])
    if theta.step < _steps(problem, weights):
        return path._replace(theta=theta, iterates=iterates)
    found = torch.cat([path.found, constraints.average_iterates(iterates, held)[None]])
    return Path(start_ascent(found[-1], held.norm), iterates[:0], found, False)
