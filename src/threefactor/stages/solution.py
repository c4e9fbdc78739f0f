"""Networks out of the file that retraining wrote."""

from collections.abc import Mapping

from torch import Tensor

from threefactor.contract import Network


def network_of(arrays: Mapping[str, Tensor], weights: Tensor) -> Network:
    """Return the networks of a batch with some of its weights.

    Parameters
    ----------
    arrays
        Of one ``retrain/<learning_rule>/<batch>.safetensors``.
    weights
        b i j, for example ``arrays["final.weights"]``.
    """
    shared = {name: arrays[name] for name in ("input_weights", "output_weights", "clamped", "clamped_state")}
    return Network(weights, **shared, leak=float(arrays["leak"].item()))
