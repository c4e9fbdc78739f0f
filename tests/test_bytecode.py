"""Compiled code that was cut short is compiled again, where Python itself would end in an error."""

import os
import shutil
import subprocess
import sys
from importlib.util import cache_from_source
from pathlib import Path

import pytest

import threefactor

PROGRAM = """
from threefactor import declarations, homes
from threefactor.experiment.settings import block
print(declarations.__file__, declarations.__loader__.get_source("threefactor.declarations").splitlines()[0])
"""


def imported(folder):
    unset = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": ""}  # empty: not set
    environment = os.environ | unset | {"PYTHONPATH": str(folder)}
    command = [sys.executable, "-c", PROGRAM]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("size", [0, 8, 16, 40, 400])
def test_compiled_code_that_was_cut_short_is_compiled_again(size, tmp_path):
    package = tmp_path / "threefactor"
    shutil.copytree(Path(threefactor.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    assert imported(tmp_path).returncode == 0
    files = [package / name for name in ("declarations.py", "homes.py", "experiment/settings/block.py")]
    compiled = [Path(cache_from_source(str(file))) for file in files]
    whole = [path.read_bytes() for path in compiled]
    for path, content in zip(compiled, whole, strict=True):
        path.write_bytes(content[:size])
    for _ in range(2):
        found = imported(tmp_path)
        assert found.returncode == 0, found.stderr
        assert found.stdout.startswith(f"{files[0]} ")
        assert not found.stderr
    assert [path.read_bytes() for path in compiled] == whole
