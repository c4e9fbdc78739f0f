"""The examples of README and docs, run as a user would run them."""

import itertools
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from threefactor.cli.main import TOOLS, main
from threefactor.pipeline import registry
from threefactor.pipeline.settings import load

ROOT = Path(__file__).parents[2]

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]

SCRIPTS = [ROOT / "README.md", ROOT / "docs/how-to/use-from-python.md", ROOT / "docs/tutorial.md"]

TINY = """
device: cpu
task: {name: gonogo, duration_ms: 200.0, gonogo: {strength: 2.0}}
network: {units: 12}
plasticity: {warm_up_trials: 2}
criterion: {window: 5, horizon: 20}
learning_rules: {hebb: {learning_rate: 0.02}}
retrain: {networks: 2, batches: 1, rules: [hebb], snapshots: [0]}
align: {snapshots: [0]}
tracking: {uri: ""}
"""

SEEN = """
from types import SimpleNamespace
import torch
from threefactor.analysis import measures
from threefactor.tasks import gonogo
task = gonogo.make(1000.0, 10.0, 1.0, "graded", strength=2.0)
go, nogo = (task.draw(torch.tensor([one])) for one in (0, 1))
shown = go.inputs[0, :, 0].nonzero()[:, 0].tolist()
answers = [float(trial.target[0, -1, 0]) for trial in (go, nogo)]
print(task.steps, shown, float(go.inputs.max()), float(nogo.inputs.max()), answers)
known = SimpleNamespace(after=torch.tensor([[[1.0, -1.0]], [[0.0, 0.5]]]))
print(measures.ADDED.function(known).tolist())
"""
"""Prints what the added task and measure do: by hand, 1 and 0.25 are the mean absolute rates of two networks."""


def blocks(page, language):
    """Return the blocks of code of a page."""
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("page", SCRIPTS, ids=lambda page: page.name)
def test_scripts_run(page, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for text in blocks(page, "python"):
        exec(compile(text, str(page), "exec"), {"__name__": "example"})
    assert capsys.readouterr().out


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """Add what the guides add to a copy of the package."""
    tree = tmp_path_factory.mktemp("checkout")
    for folder in ("src", "workflow", "docs/reference", "config"):
        shutil.copytree(
            ROOT / folder, tree / folder, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info")
        )
    package, guides = tree / "src/threefactor", ROOT / "docs/how-to"
    stage, figures = package / "stages/count", package / "stages/retrain/figures"
    stage.mkdir()
    (stage / "__init__.py").touch()
    files = {
        "add-a-learning-rule.md": [package / "learning_rules/hebb.py"],
        "add-a-task.md": [package / "tasks/gonogo.py"],
        "add-a-stage.md": [stage / f"{name}.py" for name in ("spec", "settings", "compute", "tables")],
        "add-a-figure.md": [figures / "reached.py"],
    }
    for guide, places in files.items():
        for place, text in zip(places, blocks(guides / guide, "python"), strict=True):
            place.write_text(text, encoding="utf-8")
    (caption,) = blocks(guides / "add-a-figure.md", "rst")
    (figures / "reached.rst").write_text(caption, encoding="utf-8")
    (measure,) = blocks(guides / "add-a-measure.md", "python")
    measures = package / "analysis/measures.py"
    measures.write_text(measures.read_text(encoding="utf-8") + f"\nADDED = {measure}", encoding="utf-8")
    (tree / "tiny.yaml").write_text(TINY, encoding="utf-8")
    return tree


def run(tree, *words):
    """Run Python on the copy, and return what it printed."""
    environment = {**os.environ, "PYTHONPATH": str(tree / "src")}
    done = subprocess.run(
        [sys.executable, *words], cwd=tree, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_what_the_guides_add_runs(tree):
    run(tree, "-m", "threefactor.pipeline.workflow")
    assert "count/counts.csv" in (tree / "workflow/rules/count.smk").read_text(encoding="utf-8")
    run(tree, "-m", "threefactor.pipeline.reference")
    assert "`count/counts.csv`" in (tree / "docs/reference/outputs.md").read_text(encoding="utf-8")
    run(tree, "-m", "threefactor.pipeline.settings.reference")
    page = (tree / "docs/reference/settings.md").read_text(encoding="utf-8")
    for key in ("learning_rules.hebb.learning_rate", "task.gonogo.strength", "count.weight"):
        assert f"| `{key}` |" in page
    config = ("--config", "tiny.yaml")
    run(tree, "-m", "threefactor", "retrain", "--learning-rule", "hebb", "--batch", "0", *config)
    assert len((tree / "results/retrain/hebb/0.csv").read_text().splitlines()) == 3
    run(tree, "-m", "threefactor", "count", *config)
    assert (tree / "results/count/counts.csv").read_text().splitlines() == [
        "learning_rule,networks",
        "hebb,4",
    ]
    run(tree, "-m", "threefactor.pipeline.reference", "results")
    run(tree, "-m", "threefactor", "draw", "reached", *config)
    assert list(json.loads((tree / "results/findings/reached.json").read_text())["reached"]) == ["hebb"]


def test_the_task_and_the_measure_are_what_they_say(tree):
    said = run(tree, "-c", SEEN).splitlines()
    assert said[0] == f"100 {list(range(20, 40))} 2.0 0.0 [1.0, -1.0]"
    assert said[1] == "[1.0, 0.25]"


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
