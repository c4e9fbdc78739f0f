"""What networks do in noise-free trials at the moments of an analysis: the same for every stage that compares them."""

from typing import Any

import torch
from torch import Tensor

from threefactor.analysis.group import Moments, moments
from threefactor.analysis.representation.responses import noise_free
from threefactor.contract import Network
from threefactor.experiment import build


def analysed_moments(settings: Any) -> Moments:
    """Return the moments of a trial that are analysed: the ends of every ``analyse.interval_ms``."""
    steps = build.task(settings).steps
    return moments(steps, settings.network.time_step_ms, settings.analyse.interval_ms)


def noise_free_inputs(settings: Any, network: Network) -> Tensor:
    """Return the inputs of a noise-free trial of each type, (y, T, c), for these networks."""
    task, weights = build.task(settings), network.weights
    types = torch.arange(len(task.trial_types))
    return task.draw(types, generator=None, dtype=weights.dtype).inputs.to(weights.device)


def noise_free_rates(settings: Any, network: Network) -> Tensor:
    """Return the rates of the free units of b networks in these trials at these moments, (b, y, t, f)."""
    rates = noise_free(network, noise_free_inputs(settings, network)).rate
    return rates[:, :, analysed_moments(settings).step][..., ~network.clamped]
