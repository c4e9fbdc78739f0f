"""The derivatives of a learning run with respect to theta: by tangents, and by all that these are compared with.

Coefficients are scaled ones: theta is ``scale`` times them. The complex step and differences take a learning run for each
direction in which theta moves, so that they give derivatives along k directions; reverse mode gives those of single
numbers with respect to all p coefficients, so that it sees the weights in projection.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from threefactor.contract import Rule
from threefactor.derivatives import two_pass
from threefactor.derivatives.end_of_trial import start_tangents
from threefactor.derivatives.reverse_checkpoints import Kept, keep
from threefactor.derivatives.run_of_theta import Case, converted, run_trials, some, trials, valued, values
from threefactor.derivatives.trial_vjp import Adjoint, vjp, zero_adjoint
from threefactor.training.batch import convert
from threefactor.training.trial import start_learning

TINY = 1e-30  # the complex step: its square is nothing beside any number
LIMIT = 200_000_000  # numbers in the weights of all trials of the networks that reverse mode takes at once


class Along(NamedTuple):
    """Derivatives along k directions."""

    reward: Tensor  # h b k
    weights: Tensor  # m b k i j


class Forward(NamedTuple):
    """What tangents give."""

    along: Along
    reward: Tensor  # h b p
    projected: Tensor  # m b p, of the projected weights
    size: (
        Tensor  # h b, norm of the derivative of the weights along the directions, root mean square over these
    )
    weights: Tensor  # m b i j, the weights themselves


class Backward(NamedTuple):
    """What reverse mode gives."""

    reward: Tensor  # m b p
    cumulated: Tensor  # b p, of the sum of the rewards
    projected: Tensor  # b p, of the projected weights after the last trial


def by_tangents(case: Case, directions: Tensor, projection: Tensor, dtype: torch.dtype) -> Forward:
    """Take tangents through the learning run.

    Parameters
    ----------
    case
        The learning run.
    directions
        k p, of scaled theta.
    projection
        i j, that the weights are projected on.
    dtype
        Precision of learning and of tangents.
    """
    rule = valued(case.rule, values(case.rule).to(dtype))
    raw, onto = (directions * case.scale).to(dtype), projection.to(dtype)
    tangents, rewards, sizes, marked = None, [], [], []
    for h, (before, outcome, after) in enumerate(trials(rule, case, dtype), 1):
        tangents = start_tangents(rule, before) if tangents is None else tangents
        trial = case.experiences[before.trials].trial
        tangents, rho = two_pass.jvp(rule, before, convert(trial, dtype=dtype), outcome, tangents)
        rewards.append(rho)
        weights = torch.einsum("kp,bpij->bkij", raw, tangents.weight)
        sizes.append(weights.square().sum((2, 3)).mean(1).sqrt())
        if h in case.marks:
            projected = (tangents.weight * onto).sum((2, 3)) * case.scale
            marked.append((weights, projected, after.network.weights))
    reward = torch.stack(rewards)
    along, projected, marked_weights = (torch.stack(part) for part in zip(*marked, strict=True))
    return Forward(
        Along(reward @ raw.mT, along), reward * case.scale, projected, torch.stack(sizes), marked_weights
    )


def by_complex_step(case: Case, directions: Tensor) -> Along:
    """Differentiate by the imaginary part of a step of 1e-30 i along each direction (k p): exact to rounding."""
    theta = values(case.rule).to(torch.complex128)
    record = [run_trials(case, theta + 1j * TINY * case.scale * direction) for direction in directions]
    return Along(
        torch.stack([one.reward.imag / TINY for one in record], 2),
        torch.stack([one.weights.imag / TINY for one in record], 2),
    )


def by_differences(case: Case, directions: Tensor, step: float) -> Along:
    """Differentiate by central differences, a step of this norm either way along each direction (k p)."""
    theta = values(case.rule).double()
    rewards, weights = [], []
    for direction in directions:
        moved = step * case.scale * direction
        up, down = run_trials(case, theta + moved), run_trials(case, theta - moved)
        rewards.append((up.reward - down.reward) / (2 * step))
        weights.append((up.weights - down.weights) / (2 * step))
    return Along(torch.stack(rewards, 2), torch.stack(weights, 2))


def by_reverse(case: Case, projection: Tensor, *, limit: int = LIMIT) -> Backward:
    """Take the derivatives of single numbers back through the learning run (`threefactor.derivatives.reverse`).

    Networks are taken some at a time, so that the weights of all their trials have at most `limit` numbers.

    Parameters
    ----------
    case
        The learning run.
    projection
        i j, that the weights are projected on.
    """
    batch, length = len(case.network.weights), len(case.experiences)
    at_once = max(1, limit // (length * case.network.weights[0].numel()))
    parts = [
        _backward(some(case, slice(first, first + at_once)), projection) for first in range(0, batch, at_once)
    ]
    reward, cumulated, projected = zip(*parts, strict=True)
    return Backward(torch.cat(reward, 1), torch.cat(cumulated), torch.cat(projected))


def _backward(case: Case, projection: Tensor) -> Backward:
    """Take the derivatives of all networks back at once."""
    rule = valued(case.rule, values(case.rule).double())
    kept, last = [], start_learning(rule, case.network, case.trial_types)
    for before, outcome, after in trials(rule, case, torch.float64):
        kept.append(keep(rule, before, case.experiences[before.trials], outcome, after))
        last = after
    nothing = zero_adjoint(last)
    onto = nothing._replace(weights=projection.expand_as(nothing.weights))
    rewards = [_cotangents_of(rule, kept[:mark], nothing, last_only=True) for mark in case.marks]
    cumulated = _cotangents_of(rule, kept, nothing, last_only=False)
    projected = _cotangents_of(rule, kept, onto, last_only=None)
    return Backward(torch.stack(rewards) * case.scale, cumulated * case.scale, projected * case.scale)


def by_autograd(case: Case, projection: Tensor) -> Backward:
    """Differentiate by PyTorch's reverse mode through learning, for one network; see `by_reverse`.

    Raises
    ------
    ValueError
        If there is more than one network, all of which share theta.
    """
    if len(case.network.weights) != 1:
        raise ValueError(f"networks = {len(case.network.weights)}: must be 1")
    theta = values(case.rule).double().requires_grad_()
    record = run_trials(case, theta)
    projected = (record.weights[-1] * projection).sum()
    numbers = [*(record.reward[mark - 1, 0] for mark in case.marks), record.reward.sum(), projected]
    found = [_gradient(number, theta) * case.scale for number in numbers]
    return Backward(torch.stack(found[:-2])[:, None], found[-2][None], found[-1][None])


def _gradient(number: Tensor, theta: Tensor) -> Tensor:
    """Return the derivative with respect to theta, zero of what does not depend on it; p."""
    if not number.requires_grad:
        return torch.zeros_like(theta)
    return torch.autograd.grad(number, theta, retain_graph=True)[0]


def _cotangents_of(rule: Rule, kept: list[Kept], adjoint: Adjoint, *, last_only: bool | None) -> Tensor:
    """Take an adjoint back through trials, with the reward of the last, of each (False), or of none (None); b p."""
    gradient = adjoint.weights.new_zeros(len(adjoint.weights), len(rule.params.terms))
    for place, trial in enumerate(reversed(kept)):
        counts = last_only is not None and (place == 0 or not last_only)
        whole = trial._replace(experience=converted(trial.experience, torch.float64))
        adjoint, direct = vjp(rule, whole, adjoint, float(counts))
        gradient += direct
    return gradient
