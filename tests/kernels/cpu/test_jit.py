"""Where compiled code is kept, and when it is compiled anew."""

import os
import subprocess
import sys

import pytest
import torch

jit = pytest.importorskip("threefactor.kernels.cpu.jit")
from threefactor.kernels.cpu import lanes  # noqa: E402

SCRIPT = """
import torch
from threefactor.kernels import scans
scans.scan(torch.zeros(1, 5, 5), torch.zeros(1, 3, 5), torch.zeros(1, 5), torch.zeros(5) > 0, 0.1)
"""


def test_an_edit_to_any_kernel_forgets_compiled_code(tmp_path):
    sources, home = tmp_path / "sources", tmp_path / "sources/numba"
    sources.mkdir()
    (sources / "lanes.py").write_text("a = 1\n")
    first = jit.keep(sources, home)
    first.mkdir(parents=True)
    assert jit.keep(sources, home) == first
    assert first.exists()
    (sources / "lanes.py").write_text("a = 2\n")
    assert jit.keep(sources, tmp_path / "shared") != tmp_path / "shared" / first.name
    assert jit.keep(sources, home) != first
    assert not first.exists()


def test_compiled_code_is_found_again(tmp_path):
    """A second process compiles nothing: what a function is compiled for stands in its types alone."""

    def kept():
        return {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.nb?")}

    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    subprocess.check_call([sys.executable, "-W", "ignore", "-c", SCRIPT], env=environment)
    first = kept()
    assert first
    subprocess.check_call([sys.executable, "-W", "ignore", "-c", SCRIPT], env=environment)
    assert kept() == first


def test_a_vector_holds_twice_as_many_numbers_of_half_the_size():
    assert lanes.lanes(torch.zeros(1).numpy().dtype) == 2 * lanes.lanes(torch.zeros(1).double().numpy().dtype)
