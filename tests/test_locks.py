"""Locks keep processes apart, and where the file system has none everyone goes on with one warning."""

import os
import shutil
import subprocess
import sys
import time

import pytest

from threefactor.locks import take

SHIM = """
#include <errno.h>
int flock(int file, int operation) { errno = ENOSYS; return -1; }
"""
"""A file system without locks."""

USERS = """
import logging, sys
logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stdout)
from pathlib import Path
from threefactor.kernels.cpu import jit
from threefactor.pipeline.storage.checkpoint import alone
from threefactor.pipeline.tracking.claims import claimed
from threefactor.pipeline.tracking.store import opening
folder = Path(sys.argv[1])
(folder / "a.tracking").touch()
for _ in range(2):
    with alone(folder / "a.lock"), claimed(folder / "a.tracking") as there, opening(folder / "a.db"):
        assert there
    assert jit.lock(folder / "b.lock") is not None
"""
"""All who take a lock."""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.lock"


def test_one_process_at_a_time_has_the_lock_until_it_closes_the_file(path):
    with path.open("w") as first, path.open("w") as second:
        assert take(first)
        began = time.monotonic()
        assert not take(second, patience=0)
        assert time.monotonic() - began < 0.05
        assert not take(second, patience=0.1)
        assert time.monotonic() - began >= 0.1
        first.close()
        assert take(second)


@pytest.mark.skipif(
    not sys.platform.startswith("linux") or shutil.which("cc") is None, reason="needs a C compiler"
)
def test_without_locks_all_go_on_with_one_warning(tmp_path):
    (tmp_path / "shim.c").write_text(SHIM)
    shim = tmp_path / "shim.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", str(shim), str(tmp_path / "shim.c")], check=True)
    done = subprocess.run(
        [sys.executable, "-c", USERS, str(tmp_path)],
        env={**os.environ, "LD_PRELOAD": str(shim)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    assert line.startswith("files here have no locks (Function not implemented)")
