"""The derivatives of the weight-dependent factor, f∘e instead of e (`threefactor.learning_rules.weight_dependence`).

    z <- f∘z + f'∘U∘e        and df/dw∘e more in the column of a coefficient w of f

Backwards, with A the adjoint of f∘e, the adjoint of e is A∘f, and that of the weights has A∘e∘f' more.
"""

from torch import Tensor

from threefactor.contract import Learner, Outcome, Rule, Trajectory
from threefactor.derivatives import hyperparameters
from threefactor.learning_rules.polynomial import Polynomial, deviation, eligibility, weight_factor
from threefactor.learning_rules.weight_dependence import WeightFactor


def jvp(
    rule: Rule, before: Learner, outcome: Outcome, weight_tangent: Tensor, e: Tensor, z: Tensor
) -> tuple[Tensor, Tensor]:
    """Return f∘e (b i j) and its tangent (b p i j); those of e, as they are, where there is no factor.

    Parameters
    ----------
    rule
        A polynomial rule.
    before
        The learner before the trial.
    outcome
        Of the trial.
    weight_tangent
        U before the trial, b p i j.
    e, z
        Eligibility (b i j) and its tangent (b p i j); z is used up.
    """
    dependence = weight_factor(rule.params, before.network)
    if dependence is None:
        return e, z
    z.mul_(dependence.factor[:, None]).addcmul_(weight_tangent, (dependence.slope * e)[:, None])
    for p, direct in hyperparameters.acting_on("factor", rule, before, outcome):
        z[:, p] += direct * e
    return dependence.factor * e, z


def vjp(
    dependence: WeightFactor, params: Polynomial, before: Learner, trajectory: Trajectory, adjoint: Tensor
) -> tuple[Tensor, Tensor]:
    """Return the derivatives with respect to the factor and, through it, to the weights before the trial; b i j each.

    Parameters
    ----------
    dependence
        The factor of each synapse, with its derivatives.
    params
        Of the rule.
    before
        The learner before the trial.
    trajectory
        Of the trial.
    adjoint
        Of f∘e, b i j.
    """
    change, _ = deviation(params, before.memory, trajectory)
    onto_factor = adjoint * eligibility(params, before.network, change, trajectory.rate)
    return onto_factor, dependence.slope * onto_factor
