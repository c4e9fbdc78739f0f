"""The documentation as a site: strict, and whole without a network."""

import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

LOADED = re.compile(
    r'<(?:script|img|iframe)\b[^>]*\bsrc="?https?:[^" >]+'
    r'|<link\b[^>]*\brel="?(?:stylesheet|icon|preconnect)[^>]*https?:'
)


@pytest.mark.skipif(find_spec("mkdocs") is None, reason="needs the extra docs")
def test_the_site_is_built_and_loads_nothing_from_elsewhere(tmp_path):
    command = [
        sys.executable,
        "-m",
        "mkdocs",
        "build",
        "--strict",
        "--quiet",
        "--site-dir",
        str(tmp_path / "site"),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    pages = sorted((tmp_path / "site").rglob("*.html"))
    assert {path.stem for path in (ROOT / "docs").rglob("*.md")} <= {path.stem for path in pages}
    for page in pages:
        assert not LOADED.findall(page.read_text(encoding="utf-8")), page.name


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_katex_reads_every_equation():
    equations = [
        one
        for page in (ROOT / "docs").rglob("*.md")
        for one in re.findall(r"\\\((.+?)\\\)|\\\[\n(.+?)\\\]", page.read_text(encoding="utf-8"), re.DOTALL)
    ]
    assert equations
    program = "const katex = require(process.argv[1]); katex.renderToString(process.argv[2])"
    for inline, display in equations:
        script = ["node", "-e", program, str(ROOT / "docs/assets/katex/katex.min.js"), inline or display]
        done = subprocess.run(script, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
