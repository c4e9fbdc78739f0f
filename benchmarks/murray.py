"""Murray's example of RFLO and BPTT (2019, eLife 8:e43299; github.com/murray-lab/rflo-learning), by our own functions.

50 units without input or noise learn to produce the sum of three sines. His equations, with alpha = 1 / tau and
R = -mean (y - y*)² / 2, by which weights change at the end of a trial:

    u[t+1] = W h[t]         h[t+1] = (1 - alpha) h[t] + alpha tanh(u[t+1])         h_i[0] = 0.1         y[t] = W_out h[t]
    RFLO     L[t] = B^T dR/dy[t+1]         p_ij[t+1] = (1 - alpha) p_ij[t] + alpha tanh'(u_i[t+1]) h_j[t]
             dW_ij = eta sum_t L_i[t] p_ij[t+1]
    BPTT     dW = eta dR/dW                and under both rules         dW_out = eta sum_t dR/dy[t] outer h[t]

In our equations (`threefactor.learning_rules.local_gradient`) x[t+1] is his u[t+1], and f[t+1] is his h[t]. The networks
differ in their readout alone: his output reads h, ours tanh(x). So his eligibility p filters the product of slope and
rate, ours the rate alone. In the sum over a trial his filter can be taken over to the learning signal, backwards in time:

    sum_t L[t] p[t+1] = sum_t (alpha sum_{s>=t} (1 - alpha)^(s-t) L[s]) tanh'(x[t+1]) f[t+1]

Both of his rules are therefore our functions, given a dR/dy that is filtered backwards in time. His start is a rate of
h[0] / alpha in the first step. His program differs from his equations in two things. Its BPTT gives each error to the
step before its own, and the last one to both: `Variant.late`. Its slope is 1 / cosh²(10 tanh(x / 10)), which is that of
tanh to 1 % up to |x| = 1.2; here it is that of tanh.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from threefactor import seeding
from threefactor.contract import Network, Trajectory
from threefactor.kernels import scans
from threefactor.learning_rules.local_gradient import local_gradient
from threefactor.network.bptt import reward_gradient
from threefactor.network.simulate import rates, simulate


class Example(NamedTuple):
    """The constants of his example."""

    units: int = 50
    steps: int = 100
    time_constant: float = 10.0  # tau, steps
    gain: float = 1.5
    readout_scale: float = 0.1  # W_out is U(-1, 1) times this, over the root of N
    start: float = 0.1  # h[0], of every unit
    learning_rate: float = 0.03  # eta, of W and of W_out

    @property
    def leak(self) -> float:
        """Return alpha."""
        return 1 / self.time_constant


EXAMPLE = Example()


class Variant(NamedTuple):
    """A rule, and what it is applied to."""

    label: str
    rule: str  # RFLO | BPTT
    filtered: bool = True  # the readout is of filtered rates, as his is; else of rates
    late: bool = False  # each error goes back to the step before its own, as in his program


VARIANTS = (
    Variant("RFLO", "RFLO"),
    Variant("BPTT", "BPTT"),
    Variant("BPTT, errors a step late", "BPTT", late=True),
    Variant("RFLO, readout of rates", "RFLO", filtered=False),
    Variant("BPTT, readout of rates", "BPTT", filtered=False),
)


class Learner(NamedTuple):
    """Networks of which the weights and the readout learn."""

    network: Network
    feedback: Tensor  # B, b o i


def draw(example: Example, networks: int, dtype: torch.dtype = torch.float32) -> Learner:
    """Draw networks: W ~ N(0, g²/N), W_out ~ U(±scale/√N), B ~ N(0, 1); no input."""
    n, real = example.units, {"dtype": torch.float64}
    weights, readout, feedback = [], [], []
    for seed in range(networks):
        source = seeding.generator(seed, "murray")
        weights.append(example.gain * torch.randn(n, n, generator=source, **real) / n**0.5)
        uniform = 2 * torch.rand(1, n, generator=source, **real) - 1
        readout.append(example.readout_scale * uniform / n**0.5)
        feedback.append(torch.randn(1, n, generator=source, **real))
    recurrent, output, fed = (torch.stack(part).to(dtype) for part in (weights, readout, feedback))
    no_input = torch.zeros(networks, n, 0, dtype=dtype)
    clamped = torch.zeros(n, dtype=torch.bool)
    return Learner(Network(recurrent, no_input, output, clamped, clamped.to(dtype), example.leak), fed)


def target(example: Example) -> Tensor:
    """Return the three sines at all steps but the first, where output and target are zero; t 1, float64."""
    phase = 2 * math.pi * torch.arange(1, example.steps, dtype=torch.float64) / example.steps
    return (torch.sin(phase) + torch.sin(2 * phase) / 2 + torch.sin(4 * phase) / 4)[:, None]


def trial(example: Example, network: Network) -> Trajectory:
    """Run a trial from x[0] = 0; its rate at t = 0 is h[0] / alpha, so that f[1] is h[0] and x[1] is W h[0]."""
    before = example.start / example.leak
    zeros = network.weights.new_zeros(len(network.weights), example.steps - 1, example.units)
    first = zeros.clone()
    first[:, 0] = before * network.weights.sum(2)
    run = simulate(network, zeros[..., :0], zeros[:, 0], first)
    return run._replace(rate=torch.cat([torch.full_like(zeros[:, :1], before), run.rate[:, 1:]], 1))


def learn(example: Example, variant: Variant, learner: Learner, wanted: Tensor) -> tuple[Learner, Tensor]:
    """Run one trial of learning; return the learner after it, and the error of the trial, mean (y - y*)² / 2; b."""
    network = learner.network
    trajectory = trial(example, network)
    read = rates(network, trajectory)[:, 1:]
    if variant.filtered:
        read = _filter(read, example.start, example)
    missing = wanted - read @ network.output_weights.mT
    output_gradient = missing / example.steps
    back = _back(example, variant, output_gradient)
    if variant.rule == "RFLO":
        change = local_gradient(network, trajectory, back @ learner.feedback)
    else:
        change = reward_gradient(network, trajectory, back)
    weights = network.weights + example.learning_rate * change
    readout = network.output_weights + example.learning_rate * output_gradient.mT @ read
    moved = network._replace(weights=weights, output_weights=readout)
    return Learner(moved, learner.feedback), (missing**2).sum((1, 2)) / (2 * example.steps)


def session(
    variant: Variant,
    networks: int,
    trials: int,
    example: Example = EXAMPLE,
    dtype: torch.dtype = torch.float32,
) -> Tensor:
    """Return the error of each trial of learning; b h."""
    learner, wanted, errors = draw(example, networks, dtype), target(example).to(dtype), []
    for _ in range(trials):
        learner, error = learn(example, variant, learner, wanted)
        errors.append(error)
    return torch.stack(errors, 1)


def _back(example: Example, variant: Variant, output_gradient: Tensor) -> Tensor:
    """Return the derivative of the reward with respect to what the readout makes of each step's rates; b t o."""
    back = output_gradient
    if variant.late:
        back = torch.cat([back[:, 1:], back[:, -1:]], 1)
    return _filter(back.flip(1), 0.0, example).flip(1) if variant.filtered else back


def _filter(values: Tensor, start: float, example: Example) -> Tensor:
    """Return values (b t ...) filtered with the time constant, each with its own step in it."""
    first = torch.full_like(values[:, 0], start)
    return scans.trace_scan(values.contiguous(), first, 1 - example.leak)[:, 1:]
