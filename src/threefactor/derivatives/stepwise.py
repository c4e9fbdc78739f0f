"""The tangents as the poster writes them, one step of the trial at a time. Slow and plain: the text to read first.

Time t of each comment is the poster's; p runs over the coefficients (k, l) that carry tangents,
then over the hyperparameters that do.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from threefactor.contract import Learner, Outcome, Rule, Tangents, Trial
from threefactor.derivatives.end_of_trial import end_trial, reward_tangent
from threefactor.kernels.standardise import Standard
from threefactor.learning_rules.polynomial import Polynomial
from threefactor.network.simulate import slope


class Usual(NamedTuple):
    """What a unit is used to, with its tangents."""

    mean: Tensor  # b i
    mean_tangent: Tensor  # b p i
    square: Tensor  # b i
    square_tangent: Tensor  # b p i


def jvp(
    rule: Rule, before: Learner, trial: Trial, outcome: Outcome, tangents: Tangents
) -> tuple[Tangents, Tensor]:
    """Take the tangents through one trial of learning (jvp).

    Parameters
    ----------
    rule
        A polynomial rule.
    before
        The learner before the trial.
    trial, outcome
        The trial and what `threefactor.training.trial.learn` made of it.
    tangents
        Before the trial.

    Returns
    -------
    tangents : Tangents
        After the trial.
    rho : Tensor
        dR/dtheta of the trial, b p.
    """
    params: Polynomial = rule.params
    network, state, rates = before.network, outcome.trajectory.state, outcome.trajectory.rate
    free = (~network.clamped).to(state.dtype)
    keep, dt = params.eligibility_decay, params.time_step
    trace, psi = before.memory, tangents.trace
    chi = torch.zeros_like(psi)
    e, z = torch.zeros_like(network.weights), torch.zeros_like(tangents.weight)
    usual = Usual(*(torch.zeros_like(x) for x in (trace, psi, trace, psi)))
    phi_slope = slope(network, outcome.trajectory)
    rate_tangents = [torch.zeros_like(chi)]
    for t, rate in enumerate(rates.unbind(1)):
        q = rate_tangents[-1]
        # state tangent: chi <- chi + alpha (-chi + W q + U r)
        recurrent = torch.einsum("bij,bpj->bpi", network.weights, q) + torch.einsum(
            "bpij,bj->bpi", tangents.weight, rate
        )
        chi = chi + free * network.leak * (-chi + recurrent)
        _add(chi, params, "perturbation_scale", free * network.leak * outcome.trajectory.perturbation[:, t])
        # old trace minus new state, and its tangent
        deviation, deviation_tangent = trace - state[:, t + 1], psi - chi
        if params.standard is not None:
            deviation, deviation_tangent, usual = _standardise(
                deviation, deviation_tangent, usual, params, params.standard
            )
        # trace tangent: psi <- alpha_x psi + (1 - alpha_x) chi
        old, trace = trace, params.trace_decay * trace + (1 - params.trace_decay) * state[:, t + 1]
        psi = params.trace_decay * psi + (1 - params.trace_decay) * chi
        _add(psi, params, "trace_decay", old - state[:, t + 1])
        # eligibility and its tangent
        if t >= params.onset:
            z = keep * z + dt * free[:, None] * _eligibility_tangent(
                params, deviation, rate, deviation_tangent, q
            )
            _add(z, params, "eligibility_decay", e)
            e = keep * e + dt * free[:, None] * _eligibility(params, deviation, rate)
        rate_tangents.append(phi_slope[:, t + 1, None] * chi)
    rho = reward_tangent(network, outcome, torch.stack(rate_tangents, 1))
    return end_trial(rule, before, trial, outcome, tangents, e, z, rho, psi), rho


def _standardise(
    deviation: Tensor, tangent: Tensor, usual: Usual, params: Polynomial, standard: Standard
) -> tuple[Tensor, Tensor, Usual]:
    """Put a step's deviation and its tangent in units of what the unit is used to; see `Standard`."""
    mean, mean_tangent, square, square_tangent = usual
    a, c, floor = standard.mean_decay, standard.square_decay, standard.floor
    centred, centred_tangent = deviation - mean, tangent - mean_tangent
    if a is not None:
        mean, mean_tangent = a * mean + (1 - a) * deviation, a * mean_tangent + (1 - a) * tangent
        _add(mean_tangent, params, "deviation_mean_decay", -centred)
    size = (square + floor**2) ** 0.5
    size_tangent = square_tangent / (2 * size[:, None])
    _add(size_tangent, params, "deviation_floor", floor / size)
    scaled = centred / size
    scaled_tangent = (centred_tangent - scaled[:, None] * size_tangent) / size[:, None]
    after = c * square_tangent + (1 - c) * 2 * centred[:, None] * centred_tangent
    _add(after, params, "deviation_rms_decay", square - centred**2)
    usual = Usual(mean, mean_tangent, c * square + (1 - c) * centred**2, after)
    # within the bound
    share = scaled / standard.bound
    narrowing = (1 + share**2) ** 0.5
    found_tangent = scaled_tangent / narrowing[:, None] ** 3
    _add(found_tangent, params, "deviation_bound", (share / narrowing) ** 3)
    return scaled / narrowing, found_tangent, usual


def _eligibility(params: Polynomial, deviation: Tensor, rate: Tensor) -> Tensor:
    """Return ``sum_kl theta_kl deviation^l outer rate^k``; b i j."""
    return sum(params.theta[k, l] * _outer(deviation**l, rate**k) for k, l in _grid(params))  # type: ignore[return-value]


def _eligibility_tangent(
    params: Polynomial, deviation: Tensor, rate: Tensor, deviation_tangent: Tensor, q: Tensor
) -> Tensor:
    """Return the direct and the two indirect terms of one step; b p i j."""
    terms = torch.stack([_outer(deviation**l, rate**k) for k, l in params.terms], 1)
    direct = torch.nn.functional.pad(terms, (0, 0, 0, 0, 0, len(params.hyperparameters)))
    onto_post, onto_pre = torch.zeros_like(direct[:, 0]), torch.zeros_like(direct[:, 0])
    for k, l in _grid(params):
        if l > 0:
            onto_post = onto_post + params.theta[k, l] * l * _outer(deviation ** (l - 1), rate**k)
        if k > 0:
            onto_pre = onto_pre + params.theta[k, l] * k * _outer(deviation**l, rate ** (k - 1))
    return direct + onto_post[:, None] * deviation_tangent[..., :, None] + onto_pre[:, None] * q[..., None, :]


def _add(tangent: Tensor, params: Polynomial, hyperparameter: str, direct: Tensor) -> None:
    """Add the direct derivative (b ...) to the column of a hyperparameter (b p ...), if it carries tangents."""
    if hyperparameter in params.hyperparameters:
        tangent[:, len(params.terms) + params.hyperparameters.index(hyperparameter)] += direct


def _outer(post: Tensor, pre: Tensor) -> Tensor:
    """Return the outer product onto i from j; b i j."""
    return post[:, :, None] * pre[:, None, :]


def _grid(params: Polynomial) -> list[tuple[int, int]]:
    """Return every (k, l) of theta."""
    rows, columns = params.theta.shape
    return [(k, l) for k in range(rows) for l in range(columns)]
