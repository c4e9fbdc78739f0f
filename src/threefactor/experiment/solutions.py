"""Networks out of the file that retraining wrote."""

from collections.abc import Mapping

from torch import Tensor

from threefactor.contract import Network

SYNAPSES = ("exists", "sign")
"""What a network may know of its synapses, and a file has where it does."""


def network_of(arrays: Mapping[str, Tensor], weights: Tensor, activation: str) -> Network:
    """Return the networks of a batch with some of its weights.

    Parameters
    ----------
    arrays
        Of one ``retrain/<learning_rule>/<batch>.safetensors``.
    weights
        b i j, for example ``arrays["final.weights"]``.
    activation
        ``network.activation`` of the settings.
    """
    shared = {name: arrays[name] for name in ("input_weights", "output_weights", "clamped", "clamped_state")}
    shared |= {name: arrays[name] for name in SYNAPSES if name in arrays}
    return Network(weights, **shared, leak=float(arrays["leak"].item()), activation=activation)
