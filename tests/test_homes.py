"""A user without a home has one folder, which all processes of that user find, and nobody else."""

import ctypes
import os
import shutil
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


TINY = """
device: cpu
task: {duration_ms: 100.0}
network: {units: 12}
plasticity: {warm_up_trials: 2}
criterion: {window: 5, horizon: 10}
"""


def as_others():
    """Let this process write only where permissions say so, also where it is root: without CAP_DAC_OVERRIDE."""
    ctypes.CDLL(None).prctl(24, 1, 0, 0, 0)  # PR_CAPBSET_DROP, which holds from the next program on


def test_a_checkout_that_cannot_be_written_to_trains(tmp_path):
    checkout, own = tmp_path / "checkout", tmp_path / "own"
    shutil.copytree(homes.__file__.rpartition("/")[0], checkout / "threefactor")
    (checkout / "tiny.yaml").write_text(TINY)
    own.mkdir()
    for path in (checkout, *checkout.rglob("*")):
        path.chmod(path.stat().st_mode & ~0o222)
    words = ["learn", "--networks", "2", "--config", str(checkout / "tiny.yaml")]
    run = {"env": os.environ | {"PYTHONPATH": str(checkout)}, "preexec_fn": as_others, "capture_output": True}
    for folder, status in ((own, 0), (checkout, 1)):
        done = subprocess.run(
            [sys.executable, "-m", "threefactor", *words], cwd=folder, text=True, check=False, **run
        )
        assert done.returncode == status, done.stderr
    assert [path.name for path in own.rglob("*.svg")] == ["theta_33.dnms.seed1.svg"]
    assert "Permission denied" in done.stderr
    assert "Traceback" not in done.stderr
    for path in (checkout, *checkout.rglob("*")):
        path.chmod(path.stat().st_mode | 0o200)  # so that it can be deleted
