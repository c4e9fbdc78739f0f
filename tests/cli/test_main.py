"""The command line: help for all, one line for what the user can mend."""

import io
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
import torch

from threefactor.cli.main import TOOLS, main
from threefactor.pipeline import registry

ROOT = Path(__file__).parents[2]

WRONG = {
    "no file": (["validate", "--config", "none.yaml"], "--config none.yaml: No such file"),
    "no rule": (
        ["retrain", "--learning-rule", "oja", "--batch", "0"],
        "--learning-rule oja: must be theta_",
    ),
    "no batch": (["align", "--learning-rule", "bptt", "--batch", "99"], "--batch 99: must be 0"),
    "no learned rule": (["metalearn", "--learned-rule", "bptt"], "--learned-rule bptt: must be learned_"),
    "no figure": (["draw", "tangent_acuracy"], "draw tangent_acuracy: must be one of "),
    "a misspelt figure": (["draw", "tangent_acuracy"], "; did you mean 'tangent_accuracy'?"),
    "no such input": (
        ["validate", "--input", "data=x"],
        "--input data=x: must be NAME=PATH, NAME one of theta",
    ),
    "a table as another file": (
        ["headline", "--output", "summary=x.parquet"],
        "--output summary=x.parquet: must end in .json",
    ),
    "an input twice": (
        ["draw", "plasticity_dynamics", "--input", "solutions=a", "a"],
        "--input solutions: a must stand once",
    ),
    "no input": (["validate", "--input", "theta=none.csv"], "validate: input none.csv does not exist"),
}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Stand in a folder of one's own, with the default settings: whatever is written lies there."""
    (tmp_path / "config").mkdir()
    shutil.copy(ROOT / "config/config.yaml", tmp_path / "config")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("case", WRONG)
def test_wrong_use_is_one_line_and_status_2_and_leaves_nothing(case, capsys, elsewhere):
    words, message = WRONG[case]
    assert main(words) == 2
    error = capsys.readouterr().err
    assert error.startswith("Error: ")
    assert message in error
    assert error.count("\n") == 1
    assert [path.name for path in elsewhere.iterdir()] == ["config"]


@pytest.mark.parametrize("command", [*registry.stages(), *TOOLS])
def test_every_command_has_help(command, capsys):
    with pytest.raises(SystemExit) as left:
        main([command, "--help"])
    assert left.value.code == 0
    text = capsys.readouterr().out
    for pattern in registry.stages()[command].outputs.values() if command in registry.stages() else ():
        assert pattern in text


def test_doctor_reports(capsys):
    assert main(["doctor"]) == 0
    assert "torch" in capsys.readouterr().out


def test_the_version_is_that_of_the_package(capsys):
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert left.value.code == 0
    assert capsys.readouterr().out == f"threefactor {metadata.version('threefactor')}\n"


def test_tools_come_before_stages(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    lines = capsys.readouterr().out.splitlines()
    listed = [line.split()[0] for line in lines if line[:3].startswith("  ") and line[2:3].isalpha()]
    assert listed[1:] == [*TOOLS, *registry.stages()]


@pytest.mark.parametrize("width", [20, 40, 79, 200])
@pytest.mark.parametrize("words", [[], ["recover"], ["retrain"]])
def test_help_breaks_no_word_at_any_width(words, width, capsys, monkeypatch):
    said = []
    for columns in (1000, width):
        monkeypatch.setenv("COLUMNS", str(columns))
        with pytest.raises(SystemExit):
            main([*words, "--help"])
        said.append(capsys.readouterr().out.split())
    wide, narrow = said
    assert sorted(wide) == sorted(narrow)


@pytest.mark.parametrize(
    ("device", "words"),
    [
        ("cuda", "cuda -> no GPU is visible here: a job on this machine would fail"),
        ("auto", "auto -> cpu (no GPU is visible)"),
    ],
)
def test_doctor_warns_of_a_gpu_that_is_not_there(device, words, elsewhere, capsys, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setenv("COLUMNS", "200")
    (elsewhere / "gpu.yaml").write_text(f"device: {device}")
    assert main(["doctor", "--config", "gpu.yaml"]) == 0, "the head of a cluster need not have one"
    assert words in capsys.readouterr().out


def test_a_closed_output_is_no_failure():
    command = f"{sys.executable} -m threefactor settings >&-"
    assert subprocess.run(command, shell=True, stderr=subprocess.PIPE, check=False).returncode == 0


@pytest.mark.parametrize("words", [["--help"], ["recover", "--help"], ["learn", "--help"], ["settings"]])
@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "utf-8"])
def test_what_an_encoding_lacks_is_printed_by_its_number(words, encoding, monkeypatch):
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding=encoding, errors="strict"))
    try:
        status = main(words)
    except SystemExit as left:  # argparse does so after its help
        status = left.code
    sys.stdout.flush()
    assert not status
    text = written.getvalue().decode(encoding)
    if words == ["recover", "--help"]:
        assert ("θ" if encoding == "utf-8" else r"\u03b8") in text


def test_an_error_that_an_encoding_lacks_is_one_line(monkeypatch):
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(written, encoding="latin-1", errors="strict"))
    assert main(["validate", "--config", "θ.yaml"]) == 2
    sys.stderr.flush()
    assert written.getvalue() == b"Error: --config \\u03b8.yaml: No such file or directory\n"
