"""Long runs of many starts under constant input: where they go, and how they move once they are there.

A *system* is a network under one constant input. All starts of all systems run together, s starts sharing the weights of
theirs: 16 starts of 128 units take 30 µs a step and system, of one core in double precision.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from threefactor.analysis.landscape.input_conditions import constant_inputs
from threefactor.contract import Network
from threefactor.kernels.activation import rate
from threefactor.training.batch import select


class Systems(NamedTuple):
    """Networks, each under one constant input; p systems."""

    network: Network  # p copies, batch first
    drive: Tensor  # p i, W_in u

    def at(self, index: Tensor) -> "Systems":
        """Return the systems of an index, or copies of them."""
        return Systems(select(self.network, index), self.drive[index])


class Moments(NamedTuple):
    """Mean and standard deviation over time of every unit's state, and how well a run of that length knows them."""

    mean: Tensor  # p s i
    std: Tensor  # p s i
    error: Tensor  # p s, root mean square over units of the difference between the two halves of the run


def systems(network: Network) -> Systems:
    """Put b networks under each of c constant inputs (`constant_inputs`), as b c systems, network by network."""
    levels = torch.tensor(list(constant_inputs(network.input_weights.shape[2]).values()))
    drive = levels.to(network.weights) @ network.input_weights.mT
    copies = torch.arange(len(drive), device=drive.device).repeat_interleave(len(levels))
    return Systems(select(network, copies), drive.flatten(0, 1))


def on_all_units(network: Network, free_state: Tensor) -> Tensor:
    """Put states of the free units (... f) beside those of the clamped ones, as (... i)."""
    state = network.clamped_state.to(free_state).expand(*free_state.shape[:-1], -1).clone()
    state[..., ~network.clamped] = free_state
    return state


def settle(
    system: Systems, start: Tensor, *, steps: int, stretch: int, tolerance: float
) -> tuple[Tensor, Tensor]:
    """Run starts until the flow of the state vanishes, or to the end.

    A system is left alone once all its starts have arrived; this is looked at after every stretch.

    Parameters
    ----------
    system : Systems
        p systems.
    start : Tensor
        States of all units, (p, s, i), clamped ones at their value.
    steps, stretch : int
        Most steps, and steps between two looks.
    tolerance : float
        Largest absolute flow |F_i|, per time constant, at which a start has arrived.

    Returns
    -------
    tuple of Tensor
        States (p, s, i), and the largest absolute flow there (p, s).
    """
    state, speed = start.clone(), start.new_full(start.shape[:2], torch.inf)
    active = torch.arange(len(start), device=start.device)
    for first in range(0, steps, stretch):
        part, now = system.at(active), state[active]
        for _ in range(min(stretch, steps - first)):
            now, flow = _step(part, now)
        state[active], speed[active] = now, flow.abs().amax(-1)
        active = active[(speed[active] > tolerance).any(1)]
        if not len(active):
            break
    return state, speed


def moments(system: Systems, start: Tensor, *, steps: int) -> tuple[Tensor, Moments]:
    """Run starts (p, s, i) for two halves of so many steps; return their last states and their moments over both."""
    state, sums = start, []
    for _ in range(2):
        first, second = torch.zeros_like(start), torch.zeros_like(start)
        for _ in range(steps // 2):
            state, _ = _step(system, state)
            moved = state - start
            first += moved
            second.addcmul_(moved, moved)
        sums.append(torch.stack([first, second]) / (steps // 2))
    halves = [_mean_and_std(*part) for part in sums]
    mean, std = _mean_and_std(*((sums[0] + sums[1]) / 2))
    return state, Moments(mean + start, std, distance(halves[0], halves[1]))


def distance(one: tuple[Tensor, Tensor], other: tuple[Tensor, Tensor]) -> Tensor:
    """Give the root mean square over units of the difference between means and standard deviations, together; (...)."""
    mean, std = ((a - b).square().mean(-1) for a, b in zip(one, other, strict=True))
    return (mean + std).sqrt()


def _mean_and_std(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    return first, (second - first.square()).clamp_min(0).sqrt()


def _step(system: Systems, state: Tensor) -> tuple[Tensor, Tensor]:
    """Return the next states (p s i), and the flow F(x) that led there, zero on clamped units."""
    network = system.network
    rates = rate(state, network.activation)
    flow = torch.baddbmm(system.drive[:, None], rates, network.weights.mT).sub_(state)
    flow.masked_fill_(network.clamped, 0)
    return torch.add(state, flow, alpha=network.leak), flow
