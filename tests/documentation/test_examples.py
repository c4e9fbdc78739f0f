"""The examples of README and docs, run as a user would run them."""

import itertools
import re
from pathlib import Path

import pytest
import yaml

from guides import blocks
from threefactor.cli.main import TOOLS, main
from threefactor.pipeline import registry
from threefactor.pipeline.settings import load

ROOT = Path(__file__).parents[2]

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]

SCRIPTS = [ROOT / "README.md", ROOT / "docs/how-to/use-from-python.md", ROOT / "docs/tutorial/first-rule.md"]


@pytest.mark.parametrize("page", SCRIPTS, ids=lambda page: page.name)
def test_scripts_run(page, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for text in blocks(page, "python"):
        exec(compile(text, str(page), "exec"), {"__name__": "example"})
    assert capsys.readouterr().out


def commands():
    """Yield the commands of all pages, without their comments."""
    for page in PAGES:
        for line in re.findall(
            r"^    ((?:python -m|snakemake|make) .*)$", page.read_text(encoding="utf-8"), re.MULTILINE
        ):
            yield re.split(r"\s{2,}#|\s# ", line)[0].strip()


@pytest.mark.parametrize("command", [one for one in dict.fromkeys(commands()) if "-m threefactor " in one])
def test_commands_and_their_options_are_there(command, capsys):
    name, *words = command.split("-m threefactor ")[1].split()
    assert name in {*registry.stages(), *TOOLS}
    with pytest.raises(SystemExit):
        main([name, "--help"])
    said = capsys.readouterr().out
    for word in words:
        assert not word.startswith("--") or word in said


@pytest.mark.parametrize("command", [one for one in dict.fromkeys(commands()) if one.startswith("snakemake")])
def test_targets_and_files_of_snakemake_are_there(command):
    known = {*registry.stages(), *(f"draw_{name}" for name in registry.figures()), "count", "draw_reached"}
    words = command.replace("'", "").split()
    for before, word in itertools.pairwise(words):
        if before in ("--configfile", "--workflow-profile"):
            assert word == "FILE" or (ROOT / word).exists()
        if before in ("all", "--forcerun") and not word.startswith("-"):
            assert word in known


def test_targets_of_make_are_there():
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    asked = {one.split()[1] for one in commands() if one.startswith("make")}
    assert asked
    assert asked <= set(targets)


def test_examples_of_settings_hold():
    found = [text for page in PAGES for text in blocks(page, "yaml")]
    assert found
    for text in found:
        load.parse(yaml.safe_load(text))
