"""One trial of learning backwards: it is run again, and the adjoint of what crosses trials is taken through it.

The adjoint is ``dJ / d(weights, trace, baseline)``, from behind the trial to before it.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from threefactor.contract import Feedback, Learner, Network, Outcome, Rule, Trajectory
from threefactor.derivatives import clipping, hyperparameters, momentum, normalised_update, weight_dependence
from threefactor.derivatives.reverse_checkpoints import Kept
from threefactor.kernels import eligibility_sums, scans
from threefactor.kernels.standardise import standardise
from threefactor.kernels.standardise import vjp as vjp_standardised
from threefactor.kernels.state_vjp import onto_states
from threefactor.kernels.torch.eligibility_vjp import Cotangents
from threefactor.learning_rules.polynomial import Polynomial, raw_deviation, step_weights, weight_factor
from threefactor.learning_rules.third_factor import gate, slopes
from threefactor.network.simulate import rates, simulate
from threefactor.tasks.feedback import compute_feedback
from threefactor.training.batch import change_tensors, joined, select
from threefactor.training.normalised_update import step_of

LIMIT = {"cpu": 4_000_000, "cuda": 400_000_000}  # numbers in the powers of a trial's rates, over networks


class Adjoint(NamedTuple):
    """Derivatives of the objective with respect to what crosses trials."""

    weights: Tensor  # b i j, Lambda
    trace: Tensor  # b i
    baseline: Tensor  # b y
    change: Tensor | None = None  # b i j, of the last change of the weights, of a rule with momentum
    square: Tensor | None = None  # b i, of the running mean square of a unit's updates


def zero_adjoint(learner: Learner) -> Adjoint:
    """Return the adjoint behind the last trial, zero, of the sizes of what crosses this learner's trials."""
    crossing = Adjoint(
        learner.network.weights, learner.memory, learner.baseline, learner.change, learner.square
    )
    return change_tensors(crossing, torch.zeros_like)


def vjp(
    rule: Rule, kept: Kept, later: Adjoint, share: float | Tensor, *, limit: int | None = None
) -> tuple[Adjoint, Tensor]:
    """Take the adjoint back through one trial of learning.

    Networks are taken some at a time, so that an array over networks, time and powers has at most `limit` numbers, by
    default as many as suit the device (`LIMIT`).

    Parameters
    ----------
    rule
        A polynomial rule.
    kept
        The trial, its perturbations as a plain array.
    later
        The adjoint of what the trial leaves.
    share
        Weight of this trial's reward in the objective, one number or b.

    Returns
    -------
    adjoint : Adjoint
        Of what the trial started from.
    gradient : Tensor
        What this trial adds to the derivatives with respect to terms and hyperparameters, b p.
    """
    batch, steps, units = kept.experience.perturbation.shape
    numbers = LIMIT[later.weights.device.type] if limit is None else limit
    at_once = max(1, numbers // (steps * units * len(rule.params.theta)))
    if batch <= at_once:
        return _vjp(rule, kept, later, share)
    parts = [
        _vjp(rule, *select((kept, later, share), slice(first, first + at_once)))
        for first in range(0, batch, at_once)
    ]
    adjoints, gradients = zip(*parts, strict=True)
    return joined(adjoints), torch.cat(gradients)


def _vjp(rule: Rule, kept: Kept, later: Adjoint, share: float | Tensor) -> tuple[Adjoint, Tensor]:
    """Take the adjoint of all networks back at once."""
    before, experience, unclipped, free = kept
    params, network, trial_type = rule.params, before.network, experience.trial.trial_type[:, None]
    trajectory = simulate(network, experience.trial.inputs, experience.start, experience.perturbation)
    feedback = compute_feedback(before, experience.trial, trajectory.output)
    is_awake = before.trials >= rule.warm_up
    later = later._replace(weights=clipping.vjp(free, later.weights))
    onto_change, onto_step, change = momentum.vjp(rule, later.weights, later.change)
    update = _update(rule, before, trajectory, feedback)
    onto_update, square = onto_step, later.square
    here = normalised_update.linearise(rule, before, update)
    if here is not None and square is not None:
        onto_update, square = normalised_update.vjp(here, onto_step, square)
    if not is_awake:
        onto_update = torch.zeros_like(onto_update)
    through = clipping.vjp(unclipped, onto_update)
    dependence = weight_factor(params, network)
    inner = through if dependence is None else dependence.factor * through
    cotangents, onto_seen = _through_update(params, before, trajectory, feedback, inner)
    by_reward, by_baseline = slopes(params, feedback)
    after = later.baseline.gather(1, trial_type)[:, 0]
    onto_reward = share + (1 - rule.baseline_decay) * after + by_reward * cotangents.gate
    onto_baseline = rule.baseline_decay * after + by_baseline * cotangents.gate
    first = before.baseline.gather(1, trial_type)[:, 0].isnan()  # the baseline of which is the reward
    onto_reward = torch.where(first, onto_reward + onto_baseline, onto_reward)
    baseline = later.baseline.scatter(1, trial_type, torch.where(first, 0, onto_baseline)[:, None])
    onto_output = onto_reward[:, None, None] * feedback.output_gradient
    states, trace = _onto_states(params, network, trajectory, cotangents, onto_output, later.trace)
    gain = network.leak * (~network.clamped).to(states.dtype)
    through_state = gain[:, None] * (states[:, 1:].mT @ trajectory.rate)
    kept_weights = later.weights - params.weight_decay * onto_update if params.weight_decay else later.weights
    earlier = Adjoint(kept_weights + through_state, trace, baseline, change, square)
    gate_value = gate(params, feedback)[:, None, None]
    places: dict[str, Tensor] = {}
    if dependence is not None:
        places["factor"], onto_weights = weight_dependence.vjp(
            dependence, params, before, trajectory, gate_value * through
        )
        earlier = earlier._replace(weights=earlier.weights + onto_weights)
    if not params.hyperparameters:
        return earlier, cotangents.theta
    places |= {
        "gate": cotangents.gate,
        "update": onto_update,
        "step": onto_step,
        "change": onto_change,
        "baseline": after,
        "eligibility": gate_value * inner,
        "deviation": onto_seen,
        "trace": torch.cat([cotangents.deviation, later.trace[:, None]], 1),
        "drive": gain * states[:, 1:],
    }
    step, _ = step_of(rule, before, update)
    outcome = Outcome(trajectory, feedback, update, step, step)
    return earlier, torch.cat([cotangents.theta, hyperparameters.vjp(rule, before, outcome, places)], 1)


def _update(rule: Rule, before: Learner, trajectory: Trajectory, feedback: Feedback) -> Tensor:
    """Return the update of a trial once more, where its normalisation or a hyperparameter looks at it; b i j."""
    is_asleep, looking = before.trials < rule.warm_up, {"clip", "momentum"} & set(rule.params.hyperparameters)
    if is_asleep or not (looking or rule.normalisation):
        return torch.zeros_like(before.network.weights)
    return rule.update(rule.params, before.network, before.memory, trajectory, feedback)[0]


def _through_update(
    params: Polynomial, before: Learner, trajectory: Trajectory, feedback: Feedback, unclipped: Tensor
) -> tuple[Cotangents, Tensor]:
    """Take Lambda, masked by the clip and times the weight-dependent factor, back through gate and eligibility.

    Its derivative onto the deviation goes back to the raw one; that onto the one which the rule sees is returned beside.
    """
    change, _ = raw_deviation(params, before.memory, trajectory)
    made = None if params.standard is None else standardise(change, params.standard)
    seen = change if made is None else made.values
    gate_value = gate(params, feedback)
    adjoint = unclipped * ~before.network.clamped[:, None]
    weight = step_weights(params, change)
    cotangents = eligibility_sums.vjp_eligibility(
        params.theta, params.terms, seen, trajectory.rate, weight, gate_value, adjoint
    )
    if made is None or params.standard is None:
        return cotangents, cotangents.deviation
    raw = vjp_standardised(made, params.standard, cotangents.deviation)
    return cotangents._replace(deviation=raw), cotangents.deviation


def _onto_states(
    params: Polynomial,
    network: Network,
    trajectory: Trajectory,
    cotangents: Cotangents,
    onto_output: Tensor,
    later: Tensor,
) -> tuple[Tensor, Tensor]:
    """Take derivatives back onto the states of a trial (b t+1 i) and onto the trace before the trial (b i)."""
    readout = onto_output @ network.output_weights
    slope, source, onto_trace = onto_states(
        rates(network, trajectory),
        cotangents.rate,
        readout,
        cotangents.deviation,
        later,
        params.trace_decay,
        network.activation,
    )
    adjoint = scans.adjoint_scan(network.weights, slope, source, network.clamped, network.leak)
    return adjoint, onto_trace if params.carry_trace else torch.zeros_like(later)
