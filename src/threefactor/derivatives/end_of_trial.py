"""The end of a trial, common to all forms of the tangents: reward, gate, clip, weight and baseline tangents."""

from typing import NamedTuple

import torch
from torch import Tensor

from threefactor.contract import Feedback, Learner, Network, Outcome, Rule, Tangents, Trial
from threefactor.derivatives import hyperparameters, momentum, normalised_update, weight_dependence
from threefactor.kernels import eligibility_sums
from threefactor.learning_rules.polynomial import Polynomial
from threefactor.learning_rules.third_factor import gate, slopes
from threefactor.network.synapses import through


class Ablation(NamedTuple):
    """Which terms of the weight tangent are left out; by default none."""

    reward: bool = False  # dR/dtheta in the gate
    baseline: bool = False  # dR_bar/dtheta in the gate
    clip: bool = False  # the mask of what is clipped
    indirect: bool = False  # the terms of z that go through deviation, rate and weight-dependent factor


NOTHING = Ablation()


def start_tangents(rule: Rule, learner: Learner) -> Tangents:
    """Return the tangents before the first trial: zero, since nothing has depended on the parameters yet."""
    weights, count = learner.network.weights, hyperparameters.count(rule.params)
    batch, units = weights.shape[:2]
    return Tangents(
        weights.new_zeros(batch, count, units, units),
        weights.new_zeros(batch, count, units),
        weights.new_zeros(batch, count, learner.baseline.shape[1]),
        None if learner.change is None else weights.new_zeros(batch, count, units, units),
        None if learner.square is None else weights.new_zeros(batch, count, units),
    )


def reward_tangent(network: Network, outcome: Outcome, rate_tangent: Tensor) -> Tensor:
    """Return ``rho = sum_t (dR/dy[t])^T W_out q[t+1]``; b p.

    Parameters
    ----------
    network
        With the readout.
    outcome
        With dR/dy, b t o.
    rate_tangent
        q, b t+1 p i.
    """
    onto_units = outcome.feedback.output_gradient @ network.output_weights
    return torch.einsum("bti,btpi->bp", onto_units, rate_tangent[:, 1:])


def end_trial(
    rule: Rule,
    before: Learner,
    trial: Trial,
    outcome: Outcome,
    tangents: Tangents,
    e: Tensor,
    z: Tensor,
    rho: Tensor,
    psi: Tensor,
    ablation: Ablation = NOTHING,
) -> Tangents:
    """Return the tangents after the trial (the poster's weight tangent).

    ``dV = learning_rate |R_bar|^s [(R - R_bar) z + (rho - rho_bar) e + s (rho_bar / R_bar) (R - R_bar) e]``,
    ``U <- (1 - weight_decay) U + 1[|V| < clip] dV`` and ``rho_bar <- alpha_R rho_bar + (1 - alpha_R) rho``, where
    updates are not normalised (`threefactor.derivatives.normalised_update`) and have no momentum
    (`threefactor.derivatives.momentum`); what hyperparameters do directly is added
    (`threefactor.derivatives.hyperparameters`), and U is zero where synapses hold a weight at zero
    (`threefactor.network.synapses`).

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
    e, z
        Eligibility (b i j) and its tangent (b p i j) at the end of the trial, both without the weight-dependent factor.
        z is used up.
    rho
        dR/dtheta, b p.
    psi
        Trace tangent at the end of the trial, b p i.
    ablation
        What is left out. Of the indirect terms it is the one through the weight-dependent factor here; z comes without
        the others.
    """
    params: Polynomial = rule.params
    rho_bar, baseline = baseline_tangent(rule, before, trial, tangents, rho)
    for p, direct in hyperparameters.acting_on("baseline", rule, before, outcome):
        baseline[:, p].scatter_add_(1, trial.trial_type[:, None], direct[:, None])
    trace = psi if params.carry_trace else torch.zeros_like(psi)
    if before.trials < rule.warm_up:
        return tangents._replace(trace=trace, baseline=baseline)
    gate_value = gate(params, outcome.feedback)
    nothing = torch.zeros_like(rho)
    through_gate = gate_tangent(
        params,
        outcome.feedback,
        nothing if ablation.reward else rho,
        nothing if ablation.baseline else rho_bar,
    )
    past = torch.zeros_like(tangents.weight) if ablation.indirect else tangents.weight
    e, z = weight_dependence.jvp(rule, before, outcome, past, e, z)
    for p, direct in hyperparameters.acting_on("gate", rule, before, outcome):
        through_gate[:, p] += direct
    bound = float("inf") if ablation.clip else params.clip
    is_plain = tangents.change is None and tangents.square is None
    onto = tangents.weight if is_plain else torch.zeros_like(tangents.weight)
    decay = params.weight_decay if is_plain else 0.0
    moved = eligibility_sums.move(onto, z, e, gate_value, through_gate, bound, decay)
    for p, direct in hyperparameters.acting_on("update", rule, before, outcome):
        moved[:, p] += direct
    if is_plain:
        return Tangents(through_hold(before, outcome, moved), trace, baseline)
    step, square = moved - params.weight_decay * tangents.weight, tangents.square
    here = normalised_update.linearise(rule, before, outcome.update)
    if here is not None and square is not None:
        step, square = normalised_update.jvp(here, step, square)
        for p, direct in hyperparameters.acting_on("step", rule, before, outcome):
            step[:, p] += direct
    change = None
    if tangents.change is not None:
        step = change = momentum.jvp(rule, before, outcome, tangents.change, step)
    return Tangents(through_hold(before, outcome, tangents.weight + step), trace, baseline, change, square)


def as_held(before: Learner, tangents: Tangents) -> Tangents:
    """Return the tangents before a trial as synapses hold its weights, to which noise may have been added since."""
    weights = before.network.weights
    return tangents._replace(weight=through(before.network, weights, tangents.weight))


def through_hold(before: Learner, outcome: Outcome, tangent: Tensor) -> Tensor:
    """Take the tangent of the weights after the update (b p i j) through what synapses held of it."""
    network = before.network
    return through(network, network.weights + outcome.change, tangent)


def baseline_tangent(
    rule: Rule, before: Learner, trial: Trial, tangents: Tangents, rho: Tensor
) -> tuple[Tensor, Tensor]:
    """Return rho_bar of the trial's type (b p), and the tangents of all baselines after the trial (b p y).

    Parameters
    ----------
    rule
        With the decay of the baseline.
    before
        The learner before the trial.
    trial
        With its type.
    tangents
        Before the trial.
    rho
        dR/dtheta, b p.
    """
    column = trial.trial_type[:, None, None].expand(-1, rho.shape[1], 1)
    first = before.baseline.gather(1, trial.trial_type[:, None]).isnan()
    rho_bar = torch.where(first, rho, tangents.baseline.gather(2, column)[..., 0])
    moved = rule.baseline_decay * rho_bar + (1 - rule.baseline_decay) * rho
    return rho_bar, tangents.baseline.scatter(2, column, moved[..., None])


def gate_tangent(params: Polynomial, feedback: Feedback, rho: Tensor, rho_bar: Tensor) -> Tensor:
    """Return the derivative of `threefactor.learning_rules.third_factor.gate`; b p.

    Parameters
    ----------
    params
        Of the rule.
    feedback
        Of the trial.
    rho, rho_bar
        Derivatives of the reward and of its baseline, b p.
    """
    by_reward, by_baseline = slopes(params, feedback)
    through_baseline = torch.where(rho_bar == 0, 0.0, by_baseline[:, None] * rho_bar)
    return by_reward[:, None] * rho + through_baseline
