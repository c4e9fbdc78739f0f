"""FORCE (Sussillo & Abbott 2009): least squares on the readout at every step, while its output is fed back.

Within the response window, where there is a target, each ``interval``-th step of a trial moves the readout by recursive
least squares (`threefactor.learning_rules.least_squares`) on the rates after the step:

    e = W_out r[t+1] - y*[t]      W_out <- W_out - e k^T      W <- W - W_fb e k^T

The output that is fed back belongs to the recurrent weights, W = J + W_fb W_out, of which J rests: their change has at
most the rank of the outputs. Without feedback recurrent weights rest, and the readout alone learns. Outside the response
window nothing moves. The rule needs the target itself (`threefactor.contract.Feedback`), not only the sign of an error.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

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
from threefactor.tasks.feedback import wanted

LABEL = "FORCE"

INFORMATION = "error"

LOCAL = False  # P, by the rates of all units

MIXES_TRIAL_TYPES = True  # P is of all trials

MOVES_READOUT = True

SOURCE = "Sussillo & Abbott 2009"

TUNED = {"regularisation": (0.01, 100.0), "interval": (1, 10)}

SETTINGS = {
    "regularisation": {
        "default": 10.0,
        "above": 0,
        "unit": "no unit",
        "meaning": "weight of the squared change of the readout beside its squared errors: less of it learns faster",
    },
    "interval": {
        "default": 1,
        "at_least": 1,
        "unit": "in time steps",
        "meaning": "time from one change of the weights to the next",
    },
}


class Force(NamedTuple):
    """Parameters of FORCE."""

    regularisation: float  # in units of a squared rate
    interval: int  # steps


def parameters(settings: Mapping[str, Any], surroundings: Surroundings) -> Force:
    """Return the parameters: the rule's own settings."""
    return Force(settings["regularisation"], settings["interval"])


def init(params: Force, network: Network) -> Tensor:
    """Return the memory: P before the first sample; b j j."""
    return first_inverse(network, params.regularisation)


def update(
    params: Force, network: Network, memory: Tensor, trajectory: Trajectory, feedback: Feedback
) -> tuple[Tensor, Tensor]:
    """Return the change of the weights (b i j) by the samples of a trial in which they rested, and P after it."""
    assert feedback.target is not None
    before = Fit(network.output_weights, memory)
    fit = along(before, simulate.rates(network, trajectory)[:, 1:], feedback.target, params.interval)
    return _fed_back(network, fit.weights - network.output_weights), fit.inverse


def learn(
    rule: Rule, learner: Learner, trial: Trial, start: Tensor, perturbation: Tensor
) -> tuple[Learner, Outcome]:
    """Run one trial in which the readout learns; see `threefactor.learning_rules.within_trial.learn`."""
    return within_trial.learn(_run, rule, learner, trial, start, perturbation)


def _run(
    params: Force, network: Network, memory: Tensor, trial: Trial, start: Tensor, perturbation: Tensor
) -> tuple[Network, Tensor, Trajectory]:
    """Run a trial, step by step from the first sample on."""
    target, drive = wanted(trial), simulate.drive(network, trial.inputs, perturbation)
    sampled = sampled_steps(target, params.interval)
    first = sampled[0] if sampled else target.shape[1]
    early = scans.scan(
        network.weights, drive[:, :first], start, network.clamped, network.leak, network.activation
    )
    states, rates = (list(part.unbind(1)) for part in early)
    fit = Fit(network.output_weights, memory)
    outputs = [apply(fit.weights, rate) for rate in rates[1:]]
    for t in range(first, target.shape[1]):
        more = (fit.weights - network.output_weights) @ rates[-1][..., None]
        current = apply(network.weights, rates[-1]) + _fed_back(network, more)[..., 0]
        states.append(simulate.step(network, states[-1], current + drive[:, t]))
        rates.append(simulate.rate(network, states[-1]))
        outputs.append(apply(fit.weights, rates[-1]))
        if t in sampled:
            fit = after_sample(fit, rates[-1], outputs[-1], target[:, t])
    weights = network.weights + _fed_back(network, fit.weights - network.output_weights)
    after = network._replace(weights=weights, output_weights=fit.weights)
    return after, fit.inverse, within_trial.trajectory_of(states, rates, perturbation, outputs)


def _fed_back(network: Network, outputs: Tensor) -> Tensor:
    """Return what outputs, or weights onto them (b o j), give the units (b i j); zero without feedback."""
    if network.feedback_weights is None:
        return outputs.new_zeros(len(outputs), network.weights.shape[1], outputs.shape[2])
    return network.feedback_weights @ outputs
