"""The fixed points of networks under each constant input."""

import torch
from torch import Generator, Tensor

from threefactor.analysis.landscape.fixed_points import (
    FixedPoints,
    distinct,
    free_system,
    newton,
)
from threefactor.analysis.landscape.slow_points import slow_points
from threefactor.contract import Network
from threefactor.network.simulate import rate
from threefactor.training.batch import select


def constant_inputs(channels: int) -> dict[str, list[float]]:
    """Name the constant inputs: none, then each of c channels alone (a, b …)."""
    alone = {chr(ord("a") + c): [float(c == other) for other in range(channels)] for c in range(channels)}
    return {"none": [0.0] * channels, **alone}


def draw_starts(seen: Tensor, count: int, *, generator: Generator) -> Tensor:
    """Draw starts of the search: half of them states that the network visits, half normal and twice as wide.

    Parameters
    ----------
    seen : Tensor
        Visited states of the free units, (m, f).
    count : int
        Number of starts s.
    generator : Generator
        Source of randomness.

    Returns
    -------
    Tensor
        Starts, (s, f).
    """
    half = count // 2
    index = torch.randint(len(seen), (half,), generator=generator).to(seen.device)
    normal = torch.randn(count - half, seen.shape[1], generator=generator, dtype=torch.float64).to(seen)
    return torch.cat([seen[index], 2 * seen.std() * normal])


def search_each(
    network: Network, starts: Tensor, *, steps: int, tolerance: float, separation: float
) -> list[dict[str, FixedPoints]]:
    """Find the fixed points of b networks from starts (b, s, f), one network after the other; see `search`.

    The starts of a network under all inputs share its weights, and fill the batch: 16 starts of 128 units under each of
    three inputs take 0.12 s of CPU in double precision (``python -m benchmarks measures``).
    """
    return [
        search(select(network, slice(b, b + 1)), own, steps=steps, tolerance=tolerance, separation=separation)
        for b, own in enumerate(starts)
    ]


def search(
    network: Network,
    starts: Tensor,
    *,
    steps: int,
    tolerance: float,
    separation: float,
) -> dict[str, FixedPoints]:
    """Find the fixed points of one network under each constant input, all starts of all inputs in one batch.

    Parameters
    ----------
    network : Network
        One network (b = 1).
    starts : Tensor
        Starts on the free units, (s, f), the same under every input.
    steps, tolerance, separation
        See `fixed_points.newton` and `fixed_points.distinct`.

    Returns
    -------
    dict of FixedPoints
        By the name of the input.
    """
    weights, drive = _free_systems(network)
    inputs, count = constant_inputs(network.input_weights.shape[2]), len(starts)
    state, residual = newton(
        weights,
        drive.repeat_interleave(count, 0),
        starts.repeat(len(drive), 1),
        steps=steps,
        tolerance=tolerance,
        activation=network.activation,
    )
    parts = zip(inputs, state.split(count), residual.split(count), strict=True)
    return {name: distinct(x, r, tolerance=tolerance, separation=separation) for name, x, r in parts}


def count_slow_points(
    network: Network, starts: Tensor, *, steps: int, tolerance: float, slowest: float, separation: float
) -> Tensor:
    """Count the slow points of each network that are no fixed points, over all constant inputs.

    Parameters
    ----------
    network : Network
        b networks.
    starts : Tensor
        Starts on the free units, (b, s, f), the same under every input.
    steps, tolerance, slowest, separation
        See `slow_points.slow_points`.

    Returns
    -------
    Tensor
        Number, (b), as floating point numbers.
    """
    counts = []
    for b, own in enumerate(starts):
        weights, drives = _free_systems(select(network, slice(b, b + 1)))
        found = [
            slow_points(
                weights,
                drive.expand(len(own), -1),
                own,
                steps=steps,
                tolerance=tolerance,
                slowest=slowest,
                separation=separation,
                activation=network.activation,
            )
            for drive in drives
        ]
        counts.append(sum(len(one.state) for one in found))
    return torch.tensor(counts, dtype=network.weights.dtype, device=network.weights.device)


def _free_systems(network: Network) -> tuple[Tensor, Tensor]:
    """Return the weights among the free units (f, f) of one network, and the drive under each constant input (c, f)."""
    levels = torch.tensor(list(constant_inputs(network.input_weights.shape[2]).values())).to(network.weights)
    weights, drive = free_system(
        network.weights.expand(len(levels), -1, -1),
        levels @ network.input_weights[0].T,
        network.clamped,
        rate(network, network.clamped_state).expand(len(levels), -1),
    )
    return weights[0], drive
