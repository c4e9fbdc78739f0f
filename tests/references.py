"""Slow, obvious loops that the fast paths are compared with. Nothing here calls the package's own computation."""

from typing import NamedTuple

import torch
from torch import Tensor

from threefactor.contract import Experience, Network, Normalisation, Rule
from threefactor.kernels.standardise import Standard
from threefactor.learning_rules.polynomial import Polynomial


class LearningRun(NamedTuple):
    """Everything that happened over trials of learning, stacked over h."""

    reward: Tensor  # h b
    weights: Tensor  # h b i j, after the trial
    state: Tensor  # h b t+1 i
    trace: Tensor  # h b i, at the end of the trial
    eligibility: Tensor  # h b i j, without the weight-dependent factor
    proposed: Tensor  # h b i j, before the clip


RATES = {
    "tanh": torch.tanh,
    "relu": lambda x: torch.where(x.real > 0, x, torch.zeros_like(x)),
    "softplus": lambda x: torch.log(1 + torch.exp(x)),
}


def held(network: Network, weights: Tensor) -> Tensor:
    """Return the weights that a network's synapses allow."""
    nothing = torch.zeros_like(weights)
    if network.exists is not None:
        weights = torch.where(network.exists, weights, nothing)
    if network.sign is not None:
        weights = torch.where((network.sign > 0) & (weights.real < 0), nothing, weights)
        weights = torch.where((network.sign < 0) & (weights.real > 0), nothing, weights)
    return weights


def simulate(
    network: Network, weights: Tensor, inputs: Tensor, start: Tensor, perturbation: Tensor
) -> list[Tensor]:
    """Return the states of a trial, unit by unit as the poster's equation has them."""
    free = (~network.clamped).to(start.dtype)
    states = [start.to(weights.dtype)]
    for t in range(inputs.shape[1]):
        x = states[-1]
        total = torch.einsum("bij,bj->bi", weights, RATES[network.activation](x))
        total = total + torch.einsum("bic,bc->bi", network.input_weights, inputs[:, t]) + perturbation[:, t]
        states.append(x + free * network.leak * (-x + total))
    return states


def standardise(
    deviation: Tensor, mean: Tensor, square: Tensor, standard: Standard
) -> tuple[Tensor, Tensor, Tensor]:
    """Return a step's deviation in units of what its unit is used to, and what it is used to from then on."""
    centred = deviation
    if standard.mean_decay is not None:
        centred = deviation - mean
        mean = standard.mean_decay * mean + (1 - standard.mean_decay) * deviation
    standardised = centred / torch.sqrt(square + standard.floor**2)
    standardised = standardised / torch.sqrt(1 + (standardised / standard.bound) ** 2)
    square = standard.square_decay * square + (1 - standard.square_decay) * centred**2
    return standardised, mean, square


def weight_dependence(weights: Tensor, params: Polynomial) -> Tensor:
    """Return the weight-dependent factor of each synapse."""
    w = weights / params.weight_unit
    return 1 + params.weight_linear * w + params.weight_quadratic * (w * w - 1)


def gate_factor(reward: Tensor, baseline: Tensor, params: Polynomial) -> Tensor:
    """Return the factor f of the third factor, from one reward and its baseline."""
    size = reward * torch.sign(reward.real) + baseline * torch.sign(baseline.real)
    u = (reward - baseline) / size if size.real != 0 else torch.zeros_like(size)
    v = (baseline * baseline - 1) / (baseline * baseline + 1)
    a, b, c, d = params.shape
    return 1 + a * u + b * u * u + c * v + d * v * v


def normalised(update: Tensor, used: Tensor, n: int, constants: Normalisation) -> tuple[Tensor, Tensor]:
    """Return the step of the n-th trial after the warm-up, and each unit's mean square update from then on."""
    keep = min(constants.keep, 1 - 1 / n)
    rows, squares = [], []
    for b in range(update.shape[0]):
        for i in range(update.shape[1]):
            square = (
                keep * used[b, i] + (1 - keep) * sum(value**2 for value in update[b, i]) / update.shape[2]
            )
            squares.append(square)
            scaled = update[b, i] / torch.sqrt(square) if square != 0 else 0 * update[b, i]
            rows.append(
                constants.size * constants.unit * scaled / torch.sqrt(1 + (scaled / constants.bound) ** 2)
            )
    return torch.stack(rows).view(update.shape), torch.stack(squares).view(used.shape)


def learn(
    theta: Tensor,
    rule: Rule,
    network: Network,
    experiences: list[Experience],
    trial_types: int,
) -> LearningRun:
    """Run trials of learning with a polynomial rule, entirely as a function of theta (k l), real or complex."""
    params: Polynomial = rule.params
    network = network._replace(weights=network.weights.to(theta.dtype))
    phi = RATES[network.activation]
    weights = network.weights
    free = (~network.clamped).to(weights.dtype)
    trace, change = torch.zeros_like(weights[:, :, 0]), torch.zeros_like(weights)
    used = torch.zeros_like(trace)
    baseline: list[list[Tensor | None]] = [[None] * trial_types for _ in range(len(weights))]
    rows = []
    for h, (trial, start, perturbation) in enumerate(experiences):
        states = simulate(network, weights, trial.inputs, start, perturbation)
        e = torch.zeros_like(weights)
        mean, square = torch.zeros_like(trace), torch.zeros_like(trace)
        for t in range(trial.inputs.shape[1]):
            e = params.eligibility_decay * e
            deviation, rate = trace - states[t + 1], phi(states[t])
            if params.standard is not None:
                deviation, mean, square = standardise(deviation, mean, square, params.standard)
            if t >= params.onset:
                post = torch.stack([free.to(deviation.dtype) * deviation**l for l in range(theta.shape[1])])
                pre = torch.stack([rate**k for k in range(theta.shape[0])])
                e = e + params.time_step * torch.einsum("kl,lbi,kbj->bij", theta, post, pre)
            trace = params.trace_decay * trace + (1 - params.trace_decay) * states[t + 1]
        factor = weight_dependence(weights, params)
        rewards, proposals = [], []
        for b in range(len(weights)):
            reward, answer = torch.zeros((), dtype=theta.dtype), 0.0
            for t in trial.window[b].nonzero()[:, 0].tolist():
                output = network.output_weights[b].to(theta.dtype) @ phi(states[t + 1][b])
                answer = answer + trial.window[b, t] * output.detach().real
                error = output - trial.target[b, t]
                cost = error**2 if trial.reward == "squared" else error * torch.sign(error.real)
                reward = reward - trial.window[b, t] * cost.mean()
            if trial.reward == "correct":  # of several outputs, targets of which stay as they are
                right = int(trial.target[b, -1].argmax())
                others = [value for o, value in enumerate(answer.tolist()) if o != right]
                reward = torch.full_like(reward, float(answer[right].item() > max(others)))
            y = int(trial.trial_type[b])
            known = baseline[b][y]
            before = reward if known is None else known
            size = before * torch.sign(before.real)
            gate = params.learning_rate * size**params.baseline_exponent * (reward - before)
            gate = gate * gate_factor(reward, before, params)
            proposals.append(gate * factor[b] * e[b])
            baseline[b][y] = rule.baseline_decay * before + (1 - rule.baseline_decay) * reward
            rewards.append(reward)
        proposed = torch.stack(proposals)
        if h >= rule.warm_up:
            clipped = params.clip * torch.sign(proposed.real).to(proposed.dtype)
            update = torch.where(proposed.real.abs() < params.clip, proposed, clipped)
            step = update - params.weight_decay * weights
            if rule.normalisation is not None:
                step, used = normalised(step, used, h - rule.warm_up + 1, rule.normalisation)
            change = rule.momentum * change + (1 - rule.momentum) * step
            weights = held(network, weights + change)
        rows.append((torch.stack(rewards), weights, torch.stack(states, 1), trace, e, proposed))
        if not params.carry_trace:
            trace = torch.zeros_like(trace)
    return LearningRun(*(torch.stack(column) for column in zip(*rows, strict=True)))
