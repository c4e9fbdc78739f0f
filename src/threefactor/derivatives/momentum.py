"""The derivatives of momentum: weights move by a running mean of steps (`threefactor.training.trial.learn`).

    change <- beta change + (1 - beta) step        W <- W + change

Backwards, with A the adjoint of the new change, (1 - beta) A is that of the step, and beta A that of the old change.
"""

from torch import Tensor

from threefactor.contract import Learner, Outcome, Rule
from threefactor.derivatives import hyperparameters


def jvp(rule: Rule, before: Learner, outcome: Outcome, change: Tensor, step: Tensor) -> Tensor:
    """Return the tangent of the new change, b p i j.

    Parameters
    ----------
    rule
        With its momentum.
    before
        The learner before the trial.
    outcome
        Of the trial.
    change, step
        Tangents of the old change and of the step, b p i j.
    """
    moved = rule.momentum * change + (1 - rule.momentum) * step
    for p, direct in hyperparameters.acting_on("change", rule, before, outcome):
        moved[:, p] += direct
    return moved


def vjp(rule: Rule, onto_weights: Tensor, change: Tensor | None) -> tuple[Tensor, Tensor, Tensor | None]:
    """Take derivatives back to before the change of the weights.

    Parameters
    ----------
    rule
        With its momentum.
    onto_weights
        Adjoint of the weights after the trial, b i j.
    change
        Adjoint of the change as the next trial has it, b i j; None without momentum.

    Returns
    -------
    new, step, old : Tensor
        Adjoints of the new change, of the step, and of the old change (None without momentum), b i j.
    """
    if change is None:
        return onto_weights, onto_weights, None
    new = onto_weights + change
    return new, (1 - rule.momentum) * new, rule.momentum * new
