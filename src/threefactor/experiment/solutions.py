"""Networks out of the file that retraining wrote."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from threefactor.contract import Network
from threefactor.training.batch import convert, select

OPTIONAL = ("exists", "sign", "feedback_weights")
"""What only some networks have, and a file has where they do."""


def network_of(arrays: Mapping[str, Tensor], when: str, activation: str, place: int | None = None) -> Network:
    """Return the networks of a batch at one point of learning.

    Parameters
    ----------
    arrays
        Of one ``retrain/<learning_rule>/<batch>.safetensors``.
    when
        ``initial``, ``final``, ``level`` or ``snapshot``.
    activation
        ``network.activation`` of the settings.
    place
        Of the level or snapshot in the settings, from 0.
    """
    weights, output_weights = (
        whole if place is None else whole[:, place]
        for whole in (arrays[f"{when}.weights"], arrays[f"{when}.output_weights"])
    )
    shared = {name: arrays[name] for name in ("input_weights", "clamped", "clamped_state")}
    shared |= {name: arrays[name] for name in OPTIONAL if name in arrays}
    return Network(
        weights,
        output_weights=output_weights,
        **shared,
        leak=float(arrays["leak"].item()),
        activation=activation,
    )


def at_level(
    settings: Any, arrays: Mapping[str, Tensor], batch: int, level: float, ids: Sequence[int]
) -> tuple[Network, Network]:
    """Return some networks of a batch before learning and when they first crossed a level, in float64.

    Parameters
    ----------
    settings
        With ``retrain.networks``, ``retrain.levels`` and ``network.activation``.
    arrays
        As in `network_of`.
    batch
        Number of the batch.
    level
        Of noise-free error, one of ``retrain.levels``.
    ids
        Numbers of the networks.
    """
    place, activation = list(settings.retrain.levels).index(level), settings.network.activation
    index = torch.tensor(ids, dtype=torch.int64) - batch * settings.retrain.networks
    index = index.to(arrays["initial.weights"].device)
    both = network_of(arrays, "initial", activation), network_of(arrays, "level", activation, place)
    before, after = (convert(select(one, index), dtype=torch.float64) for one in both)
    return before, after
