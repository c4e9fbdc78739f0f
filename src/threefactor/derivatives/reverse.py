"""Reverse mode through learning: the gradient of the mean reward of a lifetime, at a cost that hardly depends on p.

Forwards, the learner before each trial is kept: its weights, and the little else that crosses trials. Backwards, each
trial is run again from there, and the adjoint of what crosses trials, ``dJ / d(weights, trace, baseline)``, is pulled
from behind the trial to before it.
"""

from collections.abc import Iterable
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from threefactor.contract import Experience, Feedback, Learner, MetaGradient, Network, Rule, Trajectory
from threefactor.derivatives import eligibility
from threefactor.derivatives.eligibility import Pulled
from threefactor.kernels import scans
from threefactor.learning_rules.polynomial import Polynomial, deviation
from threefactor.learning_rules.third_factor import gate, slopes
from threefactor.network.perturbation import draw_weight_noise
from threefactor.network.simulate import simulate
from threefactor.training.batch import select, with_weights
from threefactor.training.trial import judge, learn

LIMIT = {"cpu": 4_000_000, "cuda": 400_000_000}  # numbers in the powers of a trial's rates, over networks


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
    noise: float = 0.0,
    generator: Generator | None = None,
) -> MetaGradient:
    """Return the gradient of the mean reward over the trials after the warm-up, under fixed noise.

    Parameters
    ----------
    rule
        A polynomial rule, with p terms that are differentiated.
    learner
        b networks before their first trial.
    experiences
        The trials of the lifetime, taken one after the other; kicks are kept sparsely.
    noise
        Standard deviation sigma_w of the noise that each weight change gets after the warm-up; 0 for none.
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
    kept, rewards = [], []
    for experience in experiences:
        before = learner
        learner, outcome = learn(rule, before, *experience)
        if before.trials < rule.warm_up:
            continue  # nothing depends on theta yet
        kept.append((before, _sparse(experience)))
        rewards.append(outcome.feedback.reward)
        if generator is not None and noise > 0:
            drawn = draw_weight_noise(learner.network, generator=generator)
            learner = with_weights(learner, learner.network.weights + noise * drawn)
    if not rewards:
        raise ValueError(f"trials = {learner.trials}: allowed is more than {rule.warm_up}, the warm-up")
    objective = torch.stack(rewards).mean(0)
    gradient = _backwards(rule, learner, kept)
    finite = gradient.isfinite().all(1) & objective.isfinite()
    return MetaGradient(torch.where(finite[:, None], gradient, 0), objective, finite)


def _backwards(rule: Rule, last: Learner, kept: list[tuple[Learner, Experience]]) -> Tensor:
    """Return the gradient of the mean reward of the kept trials, b p, and use them up."""
    adjoint = Adjoint(*(torch.zeros_like(x) for x in (last.network.weights, last.memory, last.baseline)))
    gradient = adjoint.weights.new_zeros(len(adjoint.weights), len(rule.params.terms))
    share = 1 / len(kept)
    while kept:
        before, experience = kept.pop()
        adjoint, direct = pull(rule, before, _dense(experience), adjoint, share)
        gradient += direct
    return gradient


def pull(
    rule: Rule, before: Learner, experience: Experience, later: Adjoint, share: float
) -> tuple[Adjoint, Tensor]:
    """Pull the adjoint back through one trial of learning.

    Networks are taken some at a time, so that what a trial is made of stays within `LIMIT` numbers an array.

    Parameters
    ----------
    rule
        A polynomial rule.
    before
        The learner before the trial, past the warm-up.
    experience
        The trial with its noise.
    later
        The adjoint of what the trial leaves.
    share
        Weight of this trial's reward in the objective.

    Returns
    -------
    adjoint : Adjoint
        Of what the trial started from.
    gradient : Tensor
        What this trial's update adds to dJ/dtheta, b p.
    """
    batch, steps, units = experience.perturbation.shape
    at_once = max(1, LIMIT[later.weights.device.type] // (steps * units * len(rule.params.theta)))
    if batch <= at_once:
        return _pull(rule, before, experience, later, share)
    parts = [
        _pull(rule, *select((before, experience, later), slice(first, first + at_once)), share)
        for first in range(0, batch, at_once)
    ]
    adjoints, gradients = zip(*parts, strict=True)
    return Adjoint(*(torch.cat(part) for part in zip(*adjoints, strict=True))), torch.cat(gradients)


def _pull(
    rule: Rule, before: Learner, experience: Experience, later: Adjoint, share: float
) -> tuple[Adjoint, Tensor]:
    """Pull the adjoint of all networks at once."""
    params, network, kind = rule.params, before.network, experience.trial.kind[:, None]
    trajectory = simulate(network, experience.trial.inputs, experience.start, experience.perturbation)
    feedback = judge(before, experience.trial, trajectory)
    pulled = _through_update(params, before, trajectory, feedback, later.weights)
    by_reward, by_baseline = slopes(params.learning_rate, params.stabiliser, feedback)
    after = later.baseline.gather(1, kind)[:, 0]
    onto_reward = share + (1 - rule.baseline_decay) * after + by_reward * pulled.size
    onto_baseline = rule.baseline_decay * after + by_baseline * pulled.size
    first = before.baseline.gather(1, kind)[:, 0].isnan()  # the baseline of which is the reward
    onto_reward = torch.where(first, onto_reward + onto_baseline, onto_reward)
    baseline = later.baseline.scatter(1, kind, torch.where(first, 0, onto_baseline)[:, None])
    onto_output = onto_reward[:, None, None] * feedback.output_gradient
    through_state, trace = _through_state(params, network, trajectory, pulled, onto_output, later.trace)
    weights = (1 - params.weight_decay) * later.weights + through_state
    return Adjoint(weights, trace, baseline), pulled.theta


def _through_update(
    params: Polynomial, before: Learner, trajectory: Trajectory, feedback: Feedback, later: Tensor
) -> Pulled:
    """Pull Lambda back through clip, gate and eligibility.

    ``dL/de = g A`` with the third factor g and ``A = Lambda * 1[|g e| < clip]``; all but `size`, dL/dg, carries the g.
    """
    change, _ = deviation(params, before.memory, trajectory)
    made = eligibility.factors(params, change, trajectory.rate)
    opening = gate(params.learning_rate, params.stabiliser, feedback)[:, None, None]
    adjoint = later * ~before.network.clamped[:, None]
    if params.clip < float("inf"):
        adjoint = adjoint * ((opening * eligibility.product(made)).abs() < params.clip)
    theta, size, change, rate = eligibility.pull(params, made, adjoint)
    return Pulled(opening[:, 0] * theta, size, opening * change, opening * rate)


def _through_state(
    params: Polynomial,
    network: Network,
    trajectory: Trajectory,
    pulled: Pulled,
    onto_output: Tensor,
    later: Tensor,
) -> tuple[Tensor, Tensor]:
    """Pull back through the states of a trial: onto the weights (b i j) and onto the trace before the trial (b i).

    The trace's adjoint ``s[t] = dL/ddeviation[t] + trace_decay s[t+1]`` is a trace in reversed time.
    """
    decay = params.trace_decay
    onto_trace = scans.trace_scan(pulled.deviation.flip(1), (1 - decay) * later, decay).flip(1)
    rate = torch.cat([trajectory.rate, torch.tanh(trajectory.state[:, -1:])], 1)
    slope = 1 - rate**2
    onto_rate = torch.nn.functional.pad(pulled.rate, (0, 0, 0, 1))
    onto_rate[:, 1:] += onto_output @ network.output_weights
    source = slope * onto_rate
    source[:, 1:] += onto_trace[:, 1:] - pulled.deviation
    adjoint = scans.adjoint_scan(network.weights, slope, source, network.clamped, network.leak)
    pushed = adjoint[:, 1:] * network.leak * ~network.clamped
    return pushed.mT @ trajectory.rate, _onto_start(params, pulled.deviation, later)


def _onto_start(params: Polynomial, onto_deviation: Tensor, later: Tensor) -> Tensor:
    """Return s[0], the adjoint of the trace that came from the trial before; b i."""
    if not params.carry_trace:
        return torch.zeros_like(later)
    steps = torch.arange(onto_deviation.shape[1] + 1, device=later.device, dtype=later.dtype)
    weight = params.trace_decay**steps
    return weight[:-1] @ onto_deviation + weight[-1] * later


def _sparse(experience: Experience) -> Experience:
    """Return the experience with sparse kicks, if they are few."""
    kicks = experience.perturbation
    few = 8 * kicks.count_nonzero() < kicks.numel()  # an index takes 24 bytes
    return experience._replace(perturbation=kicks.to_sparse()) if few else experience


def _dense(experience: Experience) -> Experience:
    """Return the experience with kicks as a plain array, b t i."""
    return experience._replace(perturbation=experience.perturbation.to_dense())
