"""Where compiled code is kept, when it is compiled anew, and that several processes compile it once."""

import fcntl
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

import threefactor

jit = pytest.importorskip("threefactor.kernels.cpu.jit")
from threefactor.kernels.cpu import lanes  # noqa: E402

SCRIPT = """
import logging, sys
logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
import torch
from threefactor.kernels import scans
state, rate = scans.scan(torch.eye(5)[None], torch.ones(1, 3, 5), torch.zeros(1, 5), torch.zeros(5) > 0, 0.1)
assert state.isfinite().all() and state[0, 3, 0] > 0
"""


def start(home, **more):
    environment = os.environ | {"NUMBA_CACHE_DIR": str(home)} | more
    command = [sys.executable, "-W", "ignore", "-c", SCRIPT]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def compiled(*processes):
    """Return the functions that the processes compiled, in all, once they ended well."""
    said = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes)
    return sorted(line.split()[1] for text in said for line in text.splitlines() if "compiles" in line)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Return a folder with what two processes that started together compiled, and say what that was."""
    folder = tmp_path_factory.mktemp("kept")
    return folder, compiled(start(folder), start(folder))


def test_processes_that_start_together_compile_each_function_once(home):
    _, functions = home
    assert "scans._scan" in functions
    assert len(functions) == len(set(functions))


def test_compiled_code_is_found_again(home):
    """A later process compiles nothing: what a function is compiled for stands in its types alone."""
    assert compiled(start(home[0])) == []


def test_another_checkout_of_the_same_sources_compiles_nothing(home, tmp_path):
    shutil.copytree(Path(threefactor.__file__).parent, tmp_path / "threefactor")
    assert compiled(start(home[0], PYTHONPATH=str(tmp_path))) == []
    kernel = tmp_path / "threefactor/kernels/cpu/rows.py"
    kernel.write_text(kernel.read_text(encoding="utf-8") + "\nMORE = 1\n", encoding="utf-8")
    assert compiled(start(home[0], PYTHONPATH=str(tmp_path))) == home[1]


def test_nodes_with_different_processors_share_a_folder(home, tmp_path):
    copy = shutil.copytree(home[0], tmp_path / "copy")
    assert compiled(start(copy, NUMBA_CPU_NAME="generic")) == home[1]
    assert compiled(start(copy)) == compiled(start(copy, NUMBA_CPU_NAME="generic")) == []


@pytest.mark.parametrize("kind", ["*.nbc", "*.nbi"])
@pytest.mark.parametrize("size", [0, 40])
def test_damaged_files_are_compiled_anew(home, tmp_path, kind, size):
    copy = shutil.copytree(home[0], tmp_path / "copy")
    for path in copy.rglob(kind):
        path.write_bytes(path.read_bytes()[:size])
    assert compiled(start(copy)) == home[1]
    assert compiled(start(copy)) == []


def test_a_function_that_fails_to_compile_can_be_called_again():
    @jit.fast
    def wrong(x):
        return x.nothing

    began = time.monotonic()
    for value in (1, 1.5):
        with pytest.raises(Exception, match="nothing"):
            wrong(value)
    assert time.monotonic() - began < 60


def test_the_first_folder_that_can_be_written_to_is_taken(tmp_path):
    sources = tmp_path / "sources"
    sources.mkdir()
    (sources / "lanes.py").write_text("a = 1\n")
    (tmp_path / "file").write_text("")
    found = jit.folder(sources, [tmp_path / "file/no folder", tmp_path / "home"])
    assert found.parent == tmp_path / "home"
    assert jit.folder(sources, [tmp_path / "file/no folder"]).exists()  # for this process alone


def test_what_was_not_used_for_long_is_deleted_and_what_another_checkout_uses_is_not(tmp_path):
    sources, home = tmp_path / "sources", tmp_path / "home"
    sources.mkdir()
    found = []
    for number in range(3):
        (sources / "lanes.py").write_text(f"a = {number}\n")
        found.append(jit.folder(sources, [home]))
        if number == 0:
            long_ago = time.time() - 86400 * (jit.UNUSED + 1)
            os.utime(found[0], (long_ago, long_ago))
    assert len(set(found)) == 3
    assert [folder.exists() for folder in found] == [False, True, True]


def test_a_lock_that_is_held_for_too_long_stops_nobody(tmp_path):
    first = jit.lock(tmp_path / "a.lock")
    assert first is not None
    assert jit.lock(tmp_path / "a.lock", patience=0.1) is None
    first.close()
    assert jit.lock(tmp_path / "a.lock", patience=0.1) is not None


def test_without_locks_of_files_nobody_waits(tmp_path, monkeypatch):
    def refused(*_):
        raise OSError("no locks available")

    monkeypatch.setattr(fcntl, "flock", refused)
    began = time.monotonic()
    first, second = (jit.lock(tmp_path / "a.lock") for _ in range(2))
    assert first is not None
    assert second is not None
    assert time.monotonic() - began < 1


def test_a_vector_holds_twice_as_many_numbers_of_half_the_size():
    assert lanes.lanes(torch.zeros(1).numpy().dtype) == 2 * lanes.lanes(torch.zeros(1).double().numpy().dtype)
