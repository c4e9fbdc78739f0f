"""The tutorials, from their own text: files are written, commands are run, in the order of the page."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PAGES = sorted((ROOT / "docs/tutorial").glob("*.md"))

BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.DOTALL | re.MULTILINE)


@pytest.fixture
def checkout(tmp_path):
    """Copy the project."""
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("src", "workflow", "profiles", "envs", "config"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    shutil.copy(ROOT / "Snakefile", tmp_path)
    return tmp_path


def run(checkout, *command):
    """Run a command in the checkout, as in its activated environment."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PYTHONPATH": str(checkout / "src"), "PATH": path}
    done = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout + done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_tutorial_does_what_it_says(page, checkout):
    blocks = BLOCK.findall(page.read_text(encoding="utf-8"))
    assert blocks
    for language, title, text in blocks:
        if title:
            (checkout / title).write_text(text, encoding="utf-8")
        elif language == "python":
            assert run(checkout, sys.executable, "-c", text)
        else:
            assert language == "sh"
            assert run(checkout, "bash", "-euc", text)
