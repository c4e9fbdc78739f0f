"""Reverse mode through learning: the gradient of the mean reward of a lifetime, at a cost that hardly depends on p.

Forwards, the learner before each trial is kept: its weights, and the little else that crosses trials; beside them one
bit per weight, whether the clip left its update alone, and where synapses hold weights another, whether they held it.
Backwards, each trial is run again from there, and the adjoint of what crosses trials, ``dJ / d(weights, trace,
baseline)``, is pulled from behind the trial to before it.
"""

from collections.abc import Iterable
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from threefactor.contract import (
    Experience,
    Feedback,
    Learner,
    MetaGradient,
    Network,
    Outcome,
    Rule,
    Trajectory,
)
from threefactor.derivatives import clipping, hyperparameters, weight_dependence
from threefactor.kernels import scans, sums
from threefactor.kernels.standardise import standardise
from threefactor.kernels.standardise import vjp as vjp_standardised
from threefactor.kernels.states import onto_states
from threefactor.kernels.torch.vjps import Cotangents
from threefactor.learning_rules.polynomial import (
    Polynomial,
    raw_deviation,
    step_weights,
    weight_factor,
)
from threefactor.learning_rules.third_factor import gate, slopes
from threefactor.network.perturbation import draw_weight_noise
from threefactor.network.simulate import rates, simulate
from threefactor.network.synapses import held, hold
from threefactor.training.batch import select, with_weights
from threefactor.training.objective import Objective, objective_value
from threefactor.training.trial import compute_feedback, learn

LIMIT = {"cpu": 4_000_000, "cuda": 400_000_000}  # numbers in the powers of a trial's rates, over networks


class Kept(NamedTuple):
    """What a trial is run again from."""

    before: Learner
    experience: Experience  # kicks are sparse where they are few
    unclipped: Tensor | None  # b ., bits of the weights whose update was not clipped; None without a clip
    free: Tensor | None = (
        None  # b ., bits of the weights that synapses did not hold after it; None if none ever do
    )


class Adjoint(NamedTuple):
    """Derivatives of the objective with respect to what crosses trials."""

    weights: Tensor  # b i j, Lambda
    trace: Tensor  # b i
    baseline: Tensor  # b y


def meta_gradient(
    rule: Rule,
    learner: Learner,
    experiences: Iterable[Experience],
    *,
    objective: Objective = None,
    noise: float = 0.0,
    memory: int = 0,
    generator: Generator | None = None,
) -> MetaGradient:
    """Return the gradient of the objective over the trials after the warm-up, under fixed noise.

    Parameters
    ----------
    rule
        A polynomial rule, with p terms and hyperparameters that are differentiated.
    learner
        b networks before their first trial.
    experiences
        The trials of the lifetime, taken one after the other; unless they are a list anyway, their kicks are kept
        sparsely.
    objective
        What the lifetime is to be good at.
    noise
        Standard deviation sigma_w of the noise that each weight change gets after the warm-up; 0 for none.
    memory
        Trials in a row whose rewards see the updates of these trials alone; 0 for all.
    generator
        Of that noise.

    Returns
    -------
    MetaGradient
        Per network; a network whose derivatives overflow is marked and carries zeros.

    Raises
    ------
    ValueError
        If no trial comes after the warm-up, or if there is noise and no generator.
    """
    if noise > 0 and generator is None:
        raise ValueError(f"noise = {noise}: a generator is needed")
    at_hand = isinstance(experiences, list | tuple)
    kept: list[tuple[Kept, Tensor]] = []
    objective_values = []
    for experience in experiences:
        before = learner
        learner, outcome = learn(rule, before, *experience)
        is_awake = before.trials >= rule.warm_up
        if not (is_awake or rule.params.hyperparameters):
            continue  # nothing depends on theta yet
        value, slope = objective_value(objective, outcome.feedback.reward)
        if is_awake:
            objective_values.append(value)
            if generator is not None and noise > 0:
                drawn = draw_weight_noise(learner.network, generator=generator)
                noisy = hold(learner.network, learner.network.weights + noise * drawn)
                learner = with_weights(learner, noisy)
        one = keep(rule, before, experience if at_hand else sparse(experience), outcome, learner)
        kept.append((one, slope if is_awake else torch.zeros_like(slope)))
    if not objective_values:
        raise ValueError(f"trials = {learner.trials}: allowed is more than {rule.warm_up}, the warm-up")
    reached = torch.stack(objective_values).mean(0)
    gradient = _backwards(rule, learner, kept, len(objective_values), memory)
    finite = gradient.isfinite().all(1) & reached.isfinite()
    return MetaGradient(torch.where(finite[:, None], gradient, 0), reached, finite)


def keep(rule: Rule, before: Learner, experience: Experience, outcome: Outcome, after: Learner) -> Kept:
    """Keep a trial; the weights after it may have got noise."""
    unclipped = clipping.unclipped(rule.params, before.network.weights, outcome.update)
    return Kept(before, experience, unclipped, _free(before.network, outcome.update, after.network.weights))


def _free(network: Network, update: Tensor, after: Tensor) -> Tensor | None:
    """Return the bits of the weights that synapses held neither after the update nor after what noise came then."""
    first, then = held(network, network.weights + update), held(network, after)
    return None if first is None or then is None else clipping.pack(~(first | then).flatten(1))


def _backwards(
    rule: Rule, last: Learner, kept: list[tuple[Kept, Tensor]], trials: int, memory: int
) -> Tensor:
    """Return the gradient of the kept trials' worth over so many trials, b p, and use them up."""
    adjoint = nothing = Adjoint(
        *(torch.zeros_like(x) for x in (last.network.weights, last.memory, last.baseline))
    )
    gradient = adjoint.weights.new_zeros(len(adjoint.weights), hyperparameters.count(rule.params))
    while kept:
        trial, slope = kept.pop()
        whole = trial._replace(experience=dense(trial.experience))
        adjoint, direct = vjp(rule, whole, adjoint, slope / trials)
        gradient += direct
        if memory > 0 and (trial.before.trials - rule.warm_up) % memory == 0:
            adjoint = nothing
    return gradient


def vjp(rule: Rule, kept: Kept, later: Adjoint, share: float | Tensor) -> tuple[Adjoint, Tensor]:
    """Pull the adjoint back through one trial of learning.

    Networks are taken some at a time, so that what a trial is made of stays within `LIMIT` numbers an array.

    Parameters
    ----------
    rule
        A polynomial rule.
    kept
        The trial, its kicks as a plain array.
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
    at_once = max(1, LIMIT[later.weights.device.type] // (steps * units * len(rule.params.theta)))
    if batch <= at_once:
        return _vjp(rule, kept, later, share)
    parts = [
        _vjp(rule, *select((kept, later, share), slice(first, first + at_once)))
        for first in range(0, batch, at_once)
    ]
    adjoints, gradients = zip(*parts, strict=True)
    return Adjoint(*(torch.cat(part) for part in zip(*adjoints, strict=True))), torch.cat(gradients)


def _vjp(rule: Rule, kept: Kept, later: Adjoint, share: float | Tensor) -> tuple[Adjoint, Tensor]:
    """Pull the adjoint of all networks at once."""
    before, experience, unclipped, free = kept
    params, network, trial_type = rule.params, before.network, experience.trial.trial_type[:, None]
    trajectory = simulate(network, experience.trial.inputs, experience.start, experience.perturbation)
    feedback = compute_feedback(before, experience.trial, trajectory)
    is_awake = before.trials >= rule.warm_up
    later = later._replace(weights=clipping.vjp(free, later.weights))
    onto_update = later.weights if is_awake else torch.zeros_like(later.weights)
    through = clipping.vjp(unclipped, onto_update)
    dependence = weight_factor(params, network)
    inner = through if dependence is None else dependence.factor * through
    cotangents = _through_update(params, before, trajectory, feedback, inner)
    by_reward, by_baseline = slopes(params.learning_rate, params.baseline_exponent, feedback)
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
    kept_weights = (1 - params.weight_decay) * later.weights if is_awake else later.weights
    earlier = Adjoint(kept_weights + through_state, trace, baseline)
    gate_value = gate(params.learning_rate, params.baseline_exponent, feedback)[:, None, None]
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
        "baseline": after,
        "eligibility": gate_value * inner,
        "trace": torch.cat([cotangents.deviation, later.trace[:, None]], 1),
        "drive": gain * states[:, 1:],
    }
    outcome = Outcome(trajectory, feedback, _update(rule, before, trajectory, feedback))
    return earlier, torch.cat([cotangents.theta, hyperparameters.vjp(rule, before, outcome, places)], 1)


def _update(rule: Rule, before: Learner, trajectory: Trajectory, feedback: Feedback) -> Tensor:
    """Return the update of a trial once more, where the derivative with respect to the clip looks at it; b i j."""
    if "clip" not in rule.params.hyperparameters:
        return torch.zeros_like(before.network.weights)
    return rule.update(rule.params, before.network, before.memory, trajectory, feedback)[0]


def _through_update(
    params: Polynomial, before: Learner, trajectory: Trajectory, feedback: Feedback, unclipped: Tensor
) -> Cotangents:
    """Pull Lambda, masked by the clip and times the own weight's factor, back through gate and eligibility."""
    change, _ = raw_deviation(params, before.memory, trajectory)
    made = None if params.standard is None else standardise(change, params.standard)
    seen = change if made is None else made.values
    gate_value = gate(params.learning_rate, params.baseline_exponent, feedback)
    adjoint = unclipped * ~before.network.clamped[:, None]
    weight = step_weights(params, change)
    cotangents = sums.vjp_eligibility(
        params.theta, params.terms, seen, trajectory.rate, weight, gate_value, adjoint
    )
    if made is None or params.standard is None:
        return cotangents
    return cotangents._replace(deviation=vjp_standardised(made, params.standard, cotangents.deviation))


def _onto_states(
    params: Polynomial,
    network: Network,
    trajectory: Trajectory,
    cotangents: Cotangents,
    onto_output: Tensor,
    later: Tensor,
) -> tuple[Tensor, Tensor]:
    """Pull back onto the states of a trial (b t+1 i) and onto the trace before the trial (b i)."""
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


def sparse(experience: Experience) -> Experience:
    """Return the experience with sparse kicks, if they are few."""
    perturbation = experience.perturbation
    few = 8 * perturbation.count_nonzero() < perturbation.numel()  # an index takes 24 bytes
    return experience._replace(perturbation=perturbation.to_sparse()) if few else experience


def dense(experience: Experience) -> Experience:
    """Return the experience with kicks as a plain array, b t i."""
    return experience._replace(perturbation=experience.perturbation.to_dense())
