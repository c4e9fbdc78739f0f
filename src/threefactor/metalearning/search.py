"""The outer loop of meta-learning, as a state and the step from one state to the next.

    search = start(problem, coordinates)
    while not is_finished(problem, search):
        search = step(problem, search)
    found = best(problem, search)

A step either ascends by one meta-gradient, or, where that is due, scores on held-out networks what learning would yield
if it stopped there. Without held-out networks there are as many steps as the schedule of the problem has.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from threefactor.contract import MetaGradient
from threefactor.metalearning import constraints, hyperparameters
from threefactor.metalearning.ascent import Ascent, Average, ascend, average, average_last_third, start_ascent
from threefactor.metalearning.history import History, append, columns
from threefactor.metalearning.problem import Problem, gradient, score


class Search(NamedTuple):
    """Where the outer loop stands."""

    theta: Ascent
    free: Ascent
    history: History


class Solution(NamedTuple):
    """What learning yields that stops after so many steps."""

    step: int
    theta: Tensor  # coordinates, p
    free: Tensor  # free coordinates of the hyperparameters, s


def start(problem: Problem, coordinates: Tensor) -> Search:
    """Return the outer loop before its first step.

    Parameters
    ----------
    problem
        What is meta-learned.
    coordinates
        Of theta, of any norm; p. They are brought to rank and norm of the constraint.
    """
    allowed = constraints.hold(coordinates, problem.constraint._replace(norm=0))
    theta = start_ascent(allowed, problem.constraint.norm)
    free = start_ascent(theta.coordinates.new_zeros(len(problem.hyperparameters)), 0.0)
    nothing = [torch.empty(0, device=coordinates.device) for _ in History._fields[2:]]
    return Search(theta, free, History(theta.coordinates[None], free.coordinates[None], *nothing))


def step(problem: Problem, search: Search) -> Search:
    """Score the search where that is due, else ascend by one meta-gradient.

    Raises
    ------
    FloatingPointError
        If no network has a finite meta-gradient.
    """
    return with_score(problem, search) if is_due(problem, search) else ascend_once(problem, search)


def is_due(problem: Problem, search: Search) -> bool:
    """Tell whether held-out networks are to be scored now: every so many steps, and after the last one."""
    done = search.theta.step
    wanted = done % problem.held_out_every == 0 or done >= problem.steps
    return problem.draw_held_out is not None and wanted and done not in search.history.scored.tolist()


def is_finished(problem: Problem, search: Search) -> bool:
    """Tell whether all steps are done and scored, or the last scores brought nothing better."""
    if is_due(problem, search):
        return False
    return search.theta.step >= problem.steps or _is_given_up(problem, search.history)


def _is_given_up(problem: Problem, history: History) -> bool:
    """Tell whether patience ran out."""
    if not problem.patience or not len(history.scored):
        return False
    return len(history.scored) - 1 - _best_score(history) >= problem.patience


def _best_score(history: History) -> int:
    """Return the place of the best score: of the smallest smoothed error rate, averaged over networks."""
    return int(history.score[:, 0].mean(1).argmin())


def with_score(problem: Problem, search: Search) -> Search:
    """Score what learning would yield if it stopped here."""
    here = stopped(problem, search, search.theta.step)
    found = score(problem, here.theta[None], here.free)
    scores = torch.stack([part[0].double() for part in found])
    row = {"scored": torch.tensor(here.step, device=scores.device), "score": scores}
    return search._replace(history=append(search.history, row))


def ascend_once(problem: Problem, search: Search) -> Search:
    """Take one step of theta and of the hyperparameters.

    Raises
    ------
    FloatingPointError
        If no network has a finite meta-gradient.
    """
    number = search.theta.step
    estimate, beside = gradient(problem, search.theta.coordinates, search.free.coordinates, number)
    try:
        mean = average(estimate)
    except FloatingPointError as error:
        raise FloatingPointError(f"step {number} of {problem.steps}: {error}") from None
    free, row = _ascend_free(problem, search.free, beside)
    theta = constraints.ascend_within(search.theta, mean.gradient, problem.learning_rate, problem.constraint)
    return Search(theta, free, append(search.history, row | _row(estimate, mean, theta)))


def _ascend_free(problem: Problem, free: Ascent, estimate: MetaGradient) -> tuple[Ascent, dict[str, Tensor]]:
    """Take one step of the hyperparameters, if there are any; return also what the history keeps of it."""
    if not problem.hyperparameters:
        return free, {"free": free.coordinates}
    mean = average(estimate)
    after = ascend(free, mean.gradient, problem.learning_rate)
    return after, {
        "free": after.coordinates,
        "free_gradient": mean.gradient,
        "free_standard_error": mean.standard_error,
    }


def _row(estimate: MetaGradient, mean: Average, theta: Ascent) -> dict[str, Tensor]:
    """Return what the history keeps of a step of theta."""
    device = theta.coordinates.device
    return {
        "theta": theta.coordinates,
        "gradient": estimate.gradient,
        "objective": estimate.objective,
        "finite": estimate.finite,
        "mean_gradient": mean.gradient,
        "standard_error": mean.standard_error,
        "clipped": torch.tensor(mean.clipped, device=device),
        "dropped": torch.tensor(mean.dropped, device=device),
    }


def stopped(problem: Problem, search: Search, step: int) -> Solution:
    """Return what learning yields that stops after so many steps: iterates averaged over their last third."""
    history = search.history
    if step == 0:
        return Solution(0, history.theta[0], history.free[0])
    theta = constraints.average_iterates(history.theta[1 : step + 1], problem.constraint)
    return Solution(step, theta, average_last_third(history.free[1 : step + 1]))


def best(problem: Problem, search: Search) -> Solution:
    """Return what is learned: with patience as it was at the best score, else after the last step."""
    history = search.history
    if problem.patience and len(history.scored):
        return stopped(problem, search, int(history.scored[_best_score(history)]))
    return stopped(problem, search, search.theta.step)


def metrics(problem: Problem, search: Search) -> dict[str, float]:
    """Return what the last step brought: the score on held-out networks, or objective, gradient and hyperparameters."""
    history = search.history
    if len(history.scored) and int(history.scored[-1]) == search.theta.step:
        return {"held_out_smoothed_error_rate": history.score[-1, 0].mean().item()}
    found = {name: column[-1].item() for name, column in columns(problem.system, history).items()}
    now = hyperparameters.values(problem.hyperparameters, search.free.coordinates)
    return found | {f"value_{name}": value for name, value in now.items()}
