"""full-FORCE (DePasquale, Cueva, Rajan, Escola & Abbott 2018): a network into which the target is fed teaches the other.

The teacher (D) is the network as it was before learning, J = W(0), in the same trial without perturbations. The target
comes to it as one more input, through weights W_f ~ U(-target_scale, target_scale) that are drawn once; it is zero
outside the response window:

    x_D[t+1] = x_D[t] + m leak (-x_D[t] + I[t] + W_in u[t])      I[t] = J r_D[t] + W_f y*[t]

At every ``interval``-th step recursive least squares (`threefactor.learning_rules.least_squares`) first move the
recurrent weights of all free units, so that W r[t] becomes I[t]. The step is made with the moved weights. Then, within
the response window, they move the readout, so that W_out r[t+1] becomes y*[t]. Each has a P of its own, since their
samples differ. Where synapses are constrained, what they allow of W is kept after each sample.
# ASSUME P is then still that of all synapses. A regularisation of 100 or more learns better there; at less, weights of
softplus units, the rates of which have no bound, can run away, and such networks count as diverged.

The change of the weights has full rank. With feedback of outputs, W is all that is recurrent, that feedback included. The
rule needs the target itself (`threefactor.contract.Feedback`), not only the sign of an error. Its teacher is the network
for which its memory was made: where a rule is asked for updates of networks that have learned, these teach themselves.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor

from threefactor.contract import Feedback, Learner, Network, Outcome, Rule, Surroundings, Trajectory, Trial
from threefactor.kernels import scans
from threefactor.learning_rules import within_trial
from threefactor.learning_rules.least_squares import (
    Fit,
    after_sample,
    along,
    apply,
    first_inverse,
    sampled_steps,
)
from threefactor.network import simulate
from threefactor.network.synapses import hold
from threefactor.tasks.feedback import wanted

LABEL = "full-FORCE"

INFORMATION = "error"

LOCAL = False  # P, by the rates of all units

MIXES_TRIAL_TYPES = True  # P is of all trials

MOVES_READOUT = True

SOURCE = "DePasquale et al. 2018"

TUNED = {"regularisation": (0.01, 100.0), "target_scale": (0.1, 10.0)}

SETTINGS = {
    "regularisation": {
        "default": 1.0,
        "above": 0,
        "unit": "no unit",
        "meaning": "weight of the squared change of weights beside their squared errors: less of it learns faster",
    },
    "target_scale": {
        "default": 1.0,
        "at_least": 0,
        "unit": "no unit",
        "meaning": "weights from the target to the units of the teacher are drawn from ± this",
    },
    "interval": {
        "default": 1,
        "at_least": 1,
        "unit": "in time steps",
        "meaning": "time from one change of the weights to the next",
    },
}


class FullForce(NamedTuple):
    """Parameters of full-FORCE."""

    regularisation: float  # in units of a squared rate
    interval: int  # steps
    target_weights: Tensor  # i o, W_f, the same for all networks


class Memory(NamedTuple):
    """What crosses trials."""

    recurrent: Tensor  # b j j, P of the recurrent weights
    readout: Tensor  # b j j, P of the readout
    teacher: Tensor  # b i j, J


def parameters(settings: Mapping[str, Any], surroundings: Surroundings) -> FullForce:
    """Return the parameters: the rule's own settings, and weights of the target."""
    size = surroundings.units, surroundings.outputs
    drawn = torch.rand(size, generator=surroundings.generator("target"), dtype=torch.float64)
    scaled = settings["target_scale"] * (2 * drawn - 1)
    target_weights = scaled.to(surroundings.dtype).to(surroundings.device)
    return FullForce(settings["regularisation"], settings["interval"], target_weights)


def init(params: FullForce, network: Network) -> Memory:
    """Return the memory before the first sample, with the weights as they are for the teacher."""
    inverse = first_inverse(network, params.regularisation)
    return Memory(inverse, inverse, network.weights)


def update(
    params: FullForce, network: Network, memory: Memory, trajectory: Trajectory, feedback: Feedback
) -> tuple[Tensor, Memory]:
    """Return the change of the weights (b i j) by the samples of a trial in which they rested, and the new memory."""
    assert feedback.target is not None
    inputs, start = simulate.inputs_of(network, trajectory), trajectory.state[:, 0]
    currents = target_currents(params, network, memory.teacher, inputs, feedback.target, start)
    recurrent = along(Fit(network.weights, memory.recurrent), trajectory.rate, currents, params.interval)
    after = simulate.rates(network, trajectory)[:, 1:]
    readout = along(Fit(network.output_weights, memory.readout), after, feedback.target, params.interval)
    memory = memory._replace(recurrent=recurrent.inverse, readout=readout.inverse)
    return recurrent.weights - network.weights, memory


def learn(
    rule: Rule, learner: Learner, trial: Trial, start: Tensor, perturbation: Tensor
) -> tuple[Learner, Outcome]:
    """Run one trial in which all weights learn; see `threefactor.learning_rules.within_trial.learn`."""
    return within_trial.learn(_run, rule, learner, trial, start, perturbation)


def target_currents(
    params: FullForce, network: Network, teacher: Tensor, inputs: Tensor, target: Tensor, start: Tensor
) -> Tensor:
    """Return I, what the recurrent weights are to give each unit at each step; b t i, NaN onto clamped units.

    Parameters
    ----------
    params
        With W_f.
    network
        Gives all of the teacher but for its weights.
    teacher
        J, b i j.
    inputs
        W_in u, b t i.
    target
        y*, b t o; NaN where nothing is wanted.
    start
        b i, state at t = 0.
    """
    fed_in = target.nan_to_num(0.0) @ params.target_weights.mT
    _, rate = scans.scan(teacher, inputs + fed_in, start, network.clamped, network.leak, network.activation)
    return (rate[:, :-1] @ teacher.mT + fed_in).masked_fill(network.clamped, torch.nan)


def _run(
    params: FullForce, network: Network, memory: Memory, trial: Trial, start: Tensor, perturbation: Tensor
) -> tuple[Network, Memory, Trajectory]:
    """Run a trial step by step."""
    target, inputs = wanted(trial), simulate.drive(network, trial.inputs, torch.zeros_like(perturbation))
    currents = target_currents(params, network, memory.teacher, inputs, target, start)
    sampled, read = (set(sampled_steps(part, params.interval)) for part in (currents, target))
    recurrent, readout = Fit(network.weights, memory.recurrent), Fit(network.output_weights, memory.readout)
    states, rates, outputs = [start], [simulate.rate(network, start)], []
    for t in range(target.shape[1]):
        current = apply(recurrent.weights, rates[t])
        if t in sampled:
            fit = after_sample(recurrent, rates[t], current, currents[:, t])
            recurrent = fit._replace(weights=hold(network, fit.weights))
            current = apply(recurrent.weights, rates[t])
        states.append(simulate.step(network, states[t], current + inputs[:, t] + perturbation[:, t]))
        rates.append(simulate.rate(network, states[-1]))
        outputs.append(apply(readout.weights, rates[-1]))
        if t in read:
            readout = after_sample(readout, rates[-1], outputs[-1], target[:, t])
    after = network._replace(weights=recurrent.weights, output_weights=readout.weights)
    memory = memory._replace(recurrent=recurrent.inverse, readout=readout.inverse)
    return after, memory, within_trial.trajectory_of(states, rates, perturbation, outputs)
