"""The GPU's scans on a CPU: launches go to the emulator, and the device says that it is an H100."""

import pytest

from kernels.cuda.emulator import MISSING, Emulator
from threefactor.kernels.cuda.device import GPU, on


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """Keep what g++ built for the whole session."""
    if MISSING:
        pytest.skip(MISSING)
    return Emulator(tmp_path_factory.mktemp("emulator"))


@pytest.fixture
def emulator(built):
    """Let `threefactor.kernels.cuda.scans` launch on the emulator."""
    built.order, built.without, built.launched = 0, None, []
    with on(GPU._replace(capability=lambda device: (9, 0), launch=built.launch)):
        yield built
