"""full-FORCE against FORCE on a periodic output, as published: it needs fewer units and bears more noise.

The oscillation of DePasquale et al. (2018): a sine whose frequency rises threefold within a half of its period and falls
in the other. Networks have no inputs and no pause between trials, each of which is a period. After learning weights rest,
and networks go on for some periods; a network is good where its squared error is below a tenth of the target's variance.
"""

import time
from typing import NamedTuple

import torch
from torch import Tensor

from benchmarks.tables import table
from threefactor import seeding
from threefactor.contract import Network, Rule, Trial
from threefactor.learning_rules import force, full_force
from threefactor.network import initial
from threefactor.network.perturbation import draw_gaussian
from threefactor.network.simulate import simulate
from threefactor.training.trial import learn, start_learning

RULES = ("force", "full_force")
SEED, LEAK, GAIN = 1, 0.1, 1.5
FEEDBACK = TARGET_SCALE = 1.0  # DePasquale et al. draw both from ± 1
REGULARISATION, INTERVAL = 1.0, 2
CYCLES = 4
START = 0.5  # standard deviation of the first state
GOOD = 0.1


class Size(NamedTuple):
    """How much is simulated."""

    networks: int
    steps: int  # of a period
    learning: int  # periods
    after: int  # periods without learning
    units: tuple[int, ...]
    noise: tuple[
        float, ...
    ]  # standard deviation of a unit's state by noise alone, in the networks with most units


FULL = Size(16, 400, 60, 3, (40, 80, 160), (0.0, 0.03))
QUICK = Size(2, 20, 2, 1, (8, 12), (0.0, 0.1))


def run(quick: bool) -> None:
    """Print the share of good networks and the median error for each number of units, then for each noise."""
    size = QUICK if quick else FULL
    cases = [(units, 0.0) for units in size.units] + [(size.units[-1], noise) for noise in size.noise[1:]]
    rows = []
    for units, noise in cases:
        for rule in RULES:
            began = time.process_time()
            found = errors(rule, size, units, noise)
            good, median = (found < GOOD).double().mean().item(), found.median().item()
            seconds = time.process_time() - began
            rows.append([str(units), f"{noise:g}", rule, f"{good:.0%}", f"{median:.2g}", f"{seconds:.1f}"])
    print(table(["units", "noise", "rule", "good networks", "median error", "CPU time, s"], rows))


def errors(name: str, size: Size, units: int, noise: float) -> Tensor:
    """Return the squared error after learning, in units of the target's variance; one for each network."""
    network, rule = drawn(name, size, units)
    period = oscillation(size)
    source = seeding.generator(SEED, "noise", units)
    state = START * torch.randn(size.networks, units, generator=source)
    learner = start_learning(rule, network, 1)
    for _ in range(size.learning):
        perturbation = draw_gaussian(network, size.steps, noise, generator=source)
        learner, outcome = learn(rule, learner, period, state, perturbation)
        state = outcome.trajectory.state[:, -1]
    found = []
    for _ in range(size.after):
        perturbation = draw_gaussian(network, size.steps, noise, generator=source)
        seen = simulate(learner.network, period.inputs, state, perturbation)
        found.append((seen.output - period.target).square().mean((1, 2)) / period.target.var((1, 2)))
        state = seen.state[:, -1]
    return torch.stack(found).mean(0)


def drawn(name: str, size: Size, units: int) -> tuple[Network, Rule]:
    """Return networks before learning, and the rule; the initial weights are the same under both but for feedback."""
    network = initial.draw(
        units=units,
        inputs=1,
        outputs=1,
        gain=GAIN,
        input_scale=0.0,
        clamped={},
        readout="random",
        leak=LEAK,
        feedback=FEEDBACK if name == "force" else 0.0,
        generators=[seeding.generator(SEED, "network", units, number) for number in range(size.networks)],
    )
    if name == "force":
        params = force.Force(REGULARISATION, INTERVAL)
        return network, Rule(name, params, force.init, force.update, 0.0, 0, None, force.learn)
    weights = TARGET_SCALE * (
        2 * torch.rand(units, 1, generator=seeding.generator(SEED, "target", units)) - 1
    )
    fitted = full_force.FullForce(REGULARISATION, INTERVAL, weights)
    return network, Rule(name, fitted, full_force.init, full_force.update, 0.0, 0, None, full_force.learn)


def oscillation(size: Size) -> Trial:
    """Return one period, all of which counts."""
    time = torch.arange(size.steps) / size.steps
    frequency = 0.5 + 2 * torch.minimum(time, 1 - time)  # from a half to three halves of its mean
    target = torch.sin(2 * torch.pi * CYCLES * frequency.cumsum(0) / size.steps)
    batch = size.networks, size.steps
    return Trial(
        torch.zeros(*batch, 1),
        target[None, :, None].expand(*batch, 1),
        torch.full(batch, 1 / size.steps),
        torch.zeros(size.networks, dtype=torch.long),
        "squared",
    )
