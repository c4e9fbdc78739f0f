"""What is read of a file without running it: as Python reads it, or refused in one line."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import threefactor
from threefactor import declarations
from threefactor.declarations import DeclarationError

TEXT = 'LABEL = "Größe"\n\n\ndef update():\n    pass\n'


@pytest.fixture
def written(tmp_path):
    """Return the path of a file of a learning rule with these bytes."""

    def write(content, name="own.py"):
        path = tmp_path / "learning_rules" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        return path

    return write


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        b"# -*- coding: latin-1 -*-\n" + TEXT.encode("latin-1"),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
    ],
    ids=["UTF-8", "its mark", "Latin-1 that says so", "lines of Windows", "lines of an old Mac"],
)
def test_a_file_is_read_as_python_reads_it(written, content):
    file = written(content)
    assert declarations.declared(file) == {"LABEL": "Größe"}
    assert declarations.functions(file) == {"update"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"x = 1\ny = (\n", "'(' was never closed in line 2"),
        (b"x = 1\n\n" + TEXT.encode("latin-1"), "line 3 is not in UTF-8, and no encoding is declared"),
        (TEXT.encode("latin-1"), "invalid or missing encoding declaration"),
        (b"# coding: nonsense\n", "unknown encoding: nonsense"),
        (
            b"if True:\n        x = 1\n\ty = 2\n",
            "inconsistent use of tabs and spaces in indentation in line 3",
        ),
        (b"\0\5\x16\7", "source code string cannot contain null bytes"),
    ],
)
def test_what_is_no_python_is_refused_in_one_line(written, content, words):
    file = written(content)
    assert declarations.functions(file) == frozenset()
    with pytest.raises(DeclarationError) as refusal:
        declarations.declared(file)
    assert str(refusal.value) == f"{file}: must be Python: {words}"


def test_only_identifiers_of_files_that_are_there_are_names(written, tmp_path):
    assert declarations.is_named(written(b"", "own.py"))
    for name in ("._own.py", "own-2.py", "own.old.py", "2own.py", "class.py", "own (copy).py", ".py"):
        assert not declarations.is_named(written(b"", name)), name
    lock = tmp_path / "learning_rules" / ".#own.py"
    lock.symlink_to("somebody@some.host.1234")
    assert not declarations.is_named(lock)
    gone = tmp_path / "learning_rules" / "gone.py"
    gone.symlink_to("nowhere")
    assert not declarations.is_named(gone)
    assert not declarations.is_named(tmp_path / "own.old")


JUNK = {
    "tasks/._dnms.py": b"\0\5\x16\7\xff",
    "tasks/broken.py": b"def make(:",
    "tasks/latin.py": b"# caf\xe9\ndef make(): ...\n",
    "tasks/undeclared.py": b"SETTINGS = dict(a=1)\ndef make(): ...\n",
    "learning_rules/._rflo.py": b"\0\5\x16\7\xff",
    "learning_rules/broken.py": b"def update(:",
    "learning_rules/unsaid.py": b"def parameters(): ...\ndef init(): ...\ndef update(): ...\n",
    "learning_rules/unnamed.py": b"INFORMATION = 'reward'\nSETTINGS = [1]\n"
    b"def parameters(): ...\ndef init(): ...\ndef update(): ...\n",
    "stages/align/figures/._descent.py": b"\0\5\x16\7\xff",
    "stages/align/figures/broken.py": b"HEADING = (",
    "stages/.old/spec.py": b"x = (",
    "stages/my stage/settings.py": b"x = (",
}

ASK = """
import sys
from threefactor.cli.main import main
from threefactor.pipeline import fingerprints, registry
from threefactor.pipeline.settings import load
from threefactor.plotting import palette
from threefactor.experiment import rules
config = load.parse({})
fingerprints.expect(config)
palette.ordered(["bptt", "rflo"])
for name in ("broken", "unsaid", "unnamed"):
    assert name not in rules.labels() and name not in registry.figures()
for settings in (
    {},
    {"task": {"name": "broken"}},
    {"task": {"name": "latin"}},
    {"task": {"name": "undeclared"}},
    {"retrain": {"rules": ["broken"]}},
    {"retrain": {"rules": ["unsaid"]}},
    {"learning_rules": {"unnamed": {"a": 1}}, "retrain": {"rules": ["unnamed"]}},
):
    try:
        load.parse(settings)
        print("taken")
    except Exception as problem:
        print(type(problem).__name__, str(problem).splitlines()[-1])
sys.exit(main(["draw", "broken"]))
"""


def test_a_broken_file_is_refused_when_it_is_asked_for_and_stops_nothing_else(tmp_path):
    package = tmp_path / "threefactor"
    shutil.copytree(Path(threefactor.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    for name, content in JUNK.items():
        (package / name).parent.mkdir(exist_ok=True)
        (package / name).write_bytes(content)
    for name in ("tasks/.#dnms.py", "learning_rules/.#rflo.py", "stages/align/.#spec.py"):
        (package / name).symlink_to("somebody@some.host.1234")
    command = [sys.executable, "-c", ASK]
    done = subprocess.run(
        command, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr, done.stderr
    words = [
        "taken",
        "tasks/broken.py: must be Python: invalid syntax in line 1",
        "tasks/latin.py: must be Python: invalid or missing encoding declaration",
        "tasks/undeclared.py: SETTINGS must be a literal",
        "learning_rules/broken.py: must be Python: invalid syntax in line 1",
        "learning_rules/unsaid.py: INFORMATION = None: must be one of",
        "learning_rules/unnamed.py: SETTINGS = [1]: must be a group of keys",
    ]
    lines = done.stdout.splitlines()
    assert len(lines) == len(words)
    for line, wanted in zip(lines, words, strict=True):
        assert wanted in line
    assert done.returncode == 2
    assert "figures/broken.py: must be Python: '(' was never closed in line 1" in done.stderr
