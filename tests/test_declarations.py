"""What is read of a file without running it: as Python reads it, or refused in one line."""

import itertools
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


def packaged(tmp_path, files):
    """Copy the package, with these bytes in some of its files."""
    package = tmp_path / "threefactor"
    shutil.copytree(Path(threefactor.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    for name, content in files.items():
        (package / name).parent.mkdir(exist_ok=True)
        (package / name).write_bytes(content)
    return package


def asked(tmp_path, text):
    """Run Python on a copied package."""
    command, environment = [sys.executable, "-c", text], {"PYTHONPATH": str(tmp_path)}
    return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)


def test_a_broken_file_is_refused_when_it_is_asked_for_and_stops_nothing_else(tmp_path):
    package = packaged(tmp_path, JUNK)
    for name in ("tasks/.#dnms.py", "learning_rules/.#rflo.py", "stages/align/.#spec.py"):
        (package / name).symlink_to("somebody@some.host.1234")
    done = asked(tmp_path, ASK)
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


RULE = b"""INFORMATION = "reward"
def parameters(settings, surroundings): return ()
def init(params, network): return ()
def update(params, network, memory, trajectory, feedback): return 0 * network.weights, memory
"""

UNIMPORTABLE = {
    "tasks/lacking.py": b'"""A task."""\nimport not_there\ndef make(): ...\n',
    "tasks/misspelt.py": b"def make(): ...\n\nA = tuples()\n",
    "tasks/other.py": b"from threefactor.learning_rules import inner\ndef make(): ...\n",
    "learning_rules/inner.py": b"import torch\ntorch.nothing\n",
    "learning_rules/lacking.py": b"from math import nothing\n" + RULE,
    "learning_rules/sound.py": RULE,
}

CHECK = """
import sys
from pathlib import Path
from threefactor.cli.main import main
Path("empty.yaml").write_text("network: {units: 12, clamped: {}}")
for words in WORDS:
    print(" ".join(words), file=sys.stderr)
    print("status", main([*words, "--config", "empty.yaml"]), file=sys.stderr)
"""


def said(tmp_path, *commands):
    """Run commands in a copied package; return what each said of errors, and its status."""
    done = asked(tmp_path, CHECK.replace("WORDS", repr([words.split() for words in commands])))
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    lines = done.stderr.splitlines()
    starts = [lines.index(words) for words in commands] + [len(lines)]
    return [lines[start + 1 : end] for start, end in itertools.pairwise(starts)]


def test_a_file_that_cannot_be_imported_is_refused_with_its_line_when_it_is_asked_for(tmp_path):
    package = packaged(tmp_path, UNIMPORTABLE)
    wanted = {
        "tasks/lacking.py": ("tasks/lacking.py, line 2", "ModuleNotFoundError: No module named 'not_there'"),
        "tasks/misspelt.py": ("tasks/misspelt.py, line 3", "NameError: name 'tuples' is not defined"),
        "tasks/other.py": ("learning_rules/inner.py, line 2", "AttributeError: module 'torch' has no"),
        "learning_rules/lacking.py": ("learning_rules/lacking.py, line 1", "ImportError: cannot import name"),
    }
    found = said(tmp_path, *(f"check {package / name}" for name in [*wanted, "learning_rules/sound.py"]))
    for (place, words), (error, status) in zip(wanted.values(), found, strict=False):
        assert error.startswith(f"Error: {package / place}: must be imported: {words}")
        assert status == "status 2"
    assert found[-1] == ["status 0"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("spec.py", b"x = (\n", "align/spec.py: must be Python: '(' was never closed in line 1"),
        ("spec.py", b"\nimport not_there", "align/spec.py, line 2: must be imported: ModuleNotFoundError: "),
        ("settings.py", b"\nx = (\n", "align/settings.py: must be Python: '(' was never closed in line 2"),
        ("settings.py", b"x = y", "align/settings.py, line 1: must be imported: NameError: name 'y' is not"),
    ],
)
def test_a_broken_stage_stops_only_what_needs_it(tmp_path, name, content, words):
    package = packaged(tmp_path, {"learning_rules/sound.py": RULE, f"stages/align/{name}": content})
    needs = ["align --learning-rule bptt --batch 0", "headline", *(["settings"] * (name == "settings.py"))]
    *refused, other, sound = said(
        tmp_path, *needs, "validate --input theta=none.csv", f"check {package}/learning_rules/sound.py"
    )
    for error, status in refused:
        assert words in error
        assert status == "status 2"
    missing, status = other
    assert missing.startswith("Error: validate: input none.csv does not exist; to make it again: ")
    assert status == "status 2"
    assert sound == ["status 0"]
