"""A user without a home has one folder, which all processes of that user find, and nobody else."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from threefactor import homes


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    homes.own.cache_clear()
    yield tmp_path
    homes.own.cache_clear()


def test_the_folder_is_found_again_and_is_of_its_user_alone(temporary):
    first = homes.own()
    homes.own.cache_clear()
    assert homes.own() == first
    assert first.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("kind", ["a link", "open to all", "a file"])
def test_what_another_user_could_have_put_there_is_not_taken(temporary, kind):
    place = homes.own()
    homes.own.cache_clear()
    place.rmdir()
    if kind == "a link":
        (temporary / "elsewhere").mkdir(mode=0o700)
        place.symlink_to(temporary / "elsewhere")
    elif kind == "a file":
        place.touch(mode=0o600)
    else:
        place.mkdir()
        place.chmod(0o777)
    assert homes.own() != place
    assert homes.own().parent == temporary


PROGRAM = """
import os
from pathlib import Path
import pwd
def nobody(uid):
    raise KeyError(uid)
pwd.getpwuid = nobody
from threefactor import homes
from threefactor.kernels.cpu import jit
from threefactor.pipeline.tracking.store import prepare
prepare()
print(jit.FOLDER)
print(Path.home())
"""


def test_libraries_and_kernels_start_without_a_home(tmp_path):
    """Of a user whom the machine does not know."""
    gone = ("HOME", "XDG_CACHE_HOME", "NUMBA_CACHE_DIR")
    environment = {name: value for name, value in os.environ.items() if name not in gone}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**environment, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    kernels, home = map(Path, done.stdout.split())
    assert home == tmp_path / f"threefactor-{os.geteuid()}"
    assert kernels.is_dir()
