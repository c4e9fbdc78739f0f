"""Later versions of Python, where the machine has them, compile all files and run those that need no other package."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import threefactor

SOURCES = Path(threefactor.__file__).parents[1]

VERSIONS = ("3.12", "3.13", "3.14")

PROGRAM = """
import sys
from pathlib import Path
for file in sorted(Path(sys.argv[1]).rglob("*.py")):
    compile(file.read_bytes(), str(file), "exec")
from threefactor import bytecode, declarations, homes
from threefactor.pipeline import sources
assert declarations.names_in("learning_rules", "update") == sys.argv[2].split(",")
assert sources.code("stages.align.spec")
print(".".join(map(str, sys.version_info[:2])))
"""


@pytest.mark.parametrize("version", VERSIONS)
def test_a_later_python_compiles_all_and_warns_of_nothing(version, tmp_path):
    rules = threefactor.declarations.names_in("learning_rules", "update")
    own = {"PYTHONPATH": str(SOURCES), "PYTHONPYCACHEPREFIX": str(tmp_path), "PYENV_VERSION": version}
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        pytest.skip("all tests run with it")
    command = [f"python{version}", "-W", "error", "-c", PROGRAM, str(SOURCES), ",".join(rules)]
    try:
        done = subprocess.run(command, env=os.environ | own, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("not on this machine")
    if done.returncode == 127:  # a stand-in of pyenv, for a version that it lacks
        pytest.skip("not on this machine")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == version
