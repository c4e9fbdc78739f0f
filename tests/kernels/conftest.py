"""The GPU's scans on a CPU: launches go to the emulator, and the device says that it is an H100."""

import pytest
import torch

from kernels.emulator import MISSING, Emulator
from threefactor.kernels.cuda import scans


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """Keep what g++ built for the whole session."""
    if MISSING:
        pytest.skip(MISSING)
    return Emulator(tmp_path_factory.mktemp("emulator"))


@pytest.fixture
def emulator(built, monkeypatch):
    """Let `threefactor.kernels.cuda.scans` launch on the emulator."""
    monkeypatch.setattr(scans, "launch", built.launch)
    monkeypatch.setattr(scans, "ready", lambda capability: True)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device=None: (9, 0))
    yield built
    built.order, built.without = 0, None
