"""Where tensors live."""

import torch

from threefactor.experiment.settings.errors import SettingsError


def resolve_device(device: str) -> torch.device:
    """Turn the setting into a device: 'auto' is a GPU if there is one.

    Raises
    ------
    SettingsError
        If a GPU is wanted and torch sees none.
    """
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda" and not torch.cuda.is_available():
        raise SettingsError("device = 'cuda': must be 'cpu' or 'auto', since torch sees no GPU here")
    return torch.device(device)
