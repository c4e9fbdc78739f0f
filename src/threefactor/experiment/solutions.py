"""Networks out of the file that retraining wrote."""

from collections.abc import Mapping

from torch import Tensor

from threefactor.contract import Network

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
