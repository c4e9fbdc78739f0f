"""Made-up networks with linear dynamics, and what can be changed of one of them, or of all alike.

x[t+1] = A x[t] + B u[t+1], seen as the rates of six units. Inputs come before and after the delay, none within it.
"""

import torch

from random_numbers import noise
from threefactor.analysis.solutions.compared import Compared

NETWORKS, TYPES, MOMENTS, UNITS, COMPONENTS, CHANNELS = 4, 3, 15, 6, 4, 2
WITHIN = (torch.arange(MOMENTS) >= 4) & (torch.arange(MOMENTS) < 12)


def run(state, inputs, start):
    """Run linear dynamics: A (k, k), driven (y, t, k), from starts (y, k); states y t k."""
    found = []
    for drive in inputs.unbind(1):
        start = start @ state.T + drive
        found.append(start)
    return torch.stack(found, 1)


def rates_of(number, *, starts=0, drive=0):
    """Give the rates of one network, (y, t, i), from other starts or with other input weights."""
    state = 0.9 * torch.linalg.qr(noise(COMPONENTS, COMPONENTS, seed=number))[0]
    weights = noise(COMPONENTS, CHANNELS, seed=100 + number + 10 * drive)
    start = noise(TYPES, COMPONENTS, seed=200 + number + 10 * starts)
    mixing = noise(COMPONENTS, UNITS, seed=300 + number)
    return run(state, inputs() @ weights.T, start) @ mixing


def inputs():
    return noise(TYPES, MOMENTS, CHANNELS, seed=400) * ~WITHIN[:, None]


def networks():
    """Return networks, the last of which is the same as the first."""
    numbers = [*range(NETWORKS - 1), 0]
    pick = torch.tensor(numbers)
    return Compared(
        torch.stack([rates_of(number) for number in numbers]),
        inputs(),
        WITHIN,
        noise(NETWORKS, UNITS, UNITS, seed=500)[pick],
        noise(NETWORKS, UNITS, CHANNELS, seed=501)[pick],
        noise(NETWORKS, 1, UNITS, seed=502)[pick],
        shape_components=COMPONENTS,
        dynamics_components=COMPONENTS,
    )


def _of_first(compared, **changed):
    """Replace what belongs to the first network."""
    return compared._replace(
        **{name: torch.cat([value[None], getattr(compared, name)[1:]]) for name, value in changed.items()}
    )


def _mapped(compared, matrix):
    """Change the coordinates of the first network's units: r' = r M."""
    back = torch.linalg.inv(matrix)
    return _of_first(
        compared,
        rates=compared.rates[0] @ matrix,
        weights=matrix.T @ compared.weights[0] @ back.T,
        input_weights=matrix.T @ compared.input_weights[0],
        output_weights=compared.output_weights[0] @ back.T,
    )


CHANGES = {
    # of the first network
    "permutation": lambda one: _mapped(one, torch.eye(UNITS).double()[[3, 5, 0, 1, 4, 2]]),
    "rotation": lambda one: _mapped(one, torch.linalg.qr(noise(UNITS, UNITS, seed=1))[0]),
    "scale": lambda one: _of_first(one, rates=3 * one.rates[0]),
    "shift": lambda one: _of_first(one, rates=one.rates[0] + noise(UNITS, seed=2)),
    "linear map": lambda one: _mapped(one, noise(UNITS, UNITS, seed=3)),
    "starts": lambda one: _of_first(one, rates=rates_of(0, starts=1)),
    "input drive": lambda one: _of_first(one, rates=rates_of(0, drive=1)),
    "recurrent weights": lambda one: _of_first(one, weights=one.weights[0] + noise(UNITS, UNITS, seed=4)),
    # of all networks alike
    "order of time": lambda one: one._replace(
        rates=one.rates[:, :, torch.randperm(MOMENTS, generator=torch.Generator().manual_seed(5))]
    ),
}
"""By name, from what is compared to the same after the change."""
