"""What the guides in docs/how-to add is added by the files that they name and no others, and runs."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

from guides import ROOT, guide
from stages.analyse import retrained
from threefactor.experiment.view import everything
from threefactor.pipeline.settings import load

TINY = """
results: results
device: cpu
task: {duration_ms: 200.0}
network: {units: 12, clamped: {}}
plasticity: {warm_up_trials: 1}
criterion: {window: 5, horizon: 12}
metalearn: {trials: 4, held_out_trials: 4, rules: {learned_random: {start: random}}}
retrain: {networks: 2, batches: 1, rules: [theta_33], snapshots: [0, 5], horizon: 12}
align: {snapshots: [0]}
tracking: {uri: ""}
"""

TASK = """
import torch
from threefactor.tasks import gonogo
task = gonogo.make(1000.0, 10.0, 1.0, "graded", strength=2.0)
go, nogo = (task.draw(torch.tensor([one])) for one in (0, 1))
shown = go.inputs[0, :, 0].nonzero()[:, 0].tolist()
answers = [float(trial.target[0, -1, 0]) for trial in (go, nogo)]
print(task.steps, shown, float(go.inputs.max()), float(nogo.inputs.max()), answers)
"""
"""Prints what the added task does."""


@pytest.fixture
def tree(tmp_path):
    """Copy what a checkout has."""
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for name in ("src", "workflow", "profiles", "envs", "docs/reference"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    shutil.copy(ROOT / "Snakefile", tmp_path)
    (tmp_path / "config").mkdir()
    (tmp_path / "config/config.yaml").write_text(TINY)
    return tmp_path


def run(tree, *words, module="threefactor"):
    """Run a command on the copy and return what it printed, in one line."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PYTHONPATH": str(tree / "src"), "COLUMNS": "300", "PATH": path}
    command = [sys.executable, *(["-m", module] if module else ["-c"]), *words]
    done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return " ".join((done.stdout + done.stderr).split())


def write(tree, name, text):
    """Write a file of the package."""
    path = tree / "src/threefactor" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def configure(tree, **values):
    """Change keys of the settings."""
    path = tree / "config/config.yaml"
    settings = yaml.safe_load(path.read_text())
    for key, value in values.items():
        settings[key] = {**settings.get(key, {}), **value}
    path.write_text(yaml.safe_dump(settings))


def row(tree, key):
    """Return the row of a key in the reference of settings, written again."""
    run(tree, module="threefactor.pipeline.settings.reference")
    page = (tree / "docs/reference/settings.md").read_text(encoding="utf-8")
    (found,) = re.findall(rf"^\| `{re.escape(key)}` .*$", page, flags=re.MULTILINE)
    return found


def test_a_learning_rule_is_one_file(tree):
    (text,) = guide("learning-rule")
    write(tree, "learning_rules/hebb.py", text)
    configure(tree, learning_rules={"hebb": {"learning_rate": 0.1}}, retrain={"rules": ["hebb"]})
    run(tree, "retrain", "--learning-rule", "hebb", "--batch", "0")
    assert len((tree / "results/retrain/hebb/0.csv").read_text().splitlines()) == 3
    assert "learning_rules.hebb.learning_rate 0.1 learning rate, per ms of eligibility" in run(
        tree, "settings"
    )
    assert "learning rate" in row(tree, "learning_rules.hebb.learning_rate")
    code = "from threefactor.experiment import rules; print(rules.labels()['hebb'])"
    assert run(tree, code, module="") == "Hebb"


def test_a_task_is_one_file(tree):
    (text,) = guide("task")
    write(tree, "tasks/gonogo.py", text)
    configure(tree, task={"name": "gonogo", "gonogo": {"strength": 2.0}})
    run(tree, "retrain", "--learning-rule", "theta_33", "--batch", "0")
    assert "task.gonogo.strength 2" in run(tree, "settings")
    assert "task.gonogo.strength" in row(tree, "task.gonogo.strength")
    assert run(tree, TASK, module="") == f"100 {list(range(20, 40))} 2.0 0.0 [1.0, -1.0]"


OWN_AND_SHARED = """
from threefactor.pipeline import fingerprints, registry
from threefactor.pipeline.settings import load
def lines(**task):
    config = load.parse({"task": {"name": "delay", **task}})
    return set(fingerprints.lines(config, registry.stages()["validate"], {}))
for task in ({"delay_ms": 600.0}, {"delay": {"strength": 2.0}}):
    print(sorted(lines(**task) - lines()))
"""
"""Prints how what a job follows changes with a setting of all tasks, and with one of the task alone."""


def test_a_task_named_like_the_beginning_of_a_shared_setting_owns_none_but_its_own(tree):
    (text,) = guide("task")
    write(tree, "tasks/delay.py", text)
    printed = run(tree, OWN_AND_SHARED, module="")
    assert printed == "['task.delay_ms = 600.0'] ['task.delay.strength = 2.0']"
    assert "drawn" in run(tree, "learn", "--task", "delay", "--networks", "1", "--trials", "5")


def test_a_figure_is_one_file_and_its_caption(tree):
    (text,), (caption,) = guide("figure"), guide("figure", "rst")
    write(tree, "stages/compare_learning/figures/reached.py", text)
    write(tree, "stages/compare_learning/figures/reached.rst", caption)
    run(tree, module="threefactor.pipeline.workflow")
    assert "draw_reached" in run(tree, "--cores", "1", "draw_reached", module="snakemake")
    assert json.loads((tree / "results/findings/reached.json").read_text())["reached"].keys() == {"theta_33"}
    assert "<svg" in (tree / "results/figures/reached.svg").read_text()[:500]
    assert "reached: theta_33" in run(tree, "summary", "--all")


def test_a_setting_is_one_field(tree):
    (field,) = guide("setting")
    path = tree / "src/threefactor/stages/retrain/settings.py"
    text, before = path.read_text(), "    batches: int = Field("
    assert text.count(before) == 1
    path.write_text(text.replace(before, f"    {field}{before}"))
    assert "retrain.patience 7 trials without progress before learning ends, in trials" in run(
        tree, "settings"
    )
    configure(tree, retrain={"patience": 3})
    assert "retrain.patience 3" in run(tree, "settings")
    assert "| `7` | trials |" in row(tree, "retrain.patience")


def test_a_stage_is_one_folder_and_its_rule(tree):
    for name, text in zip(
        ("__init__", "spec", "settings", "compute", "tables"), ("", *guide("stage")), strict=True
    ):
        write(tree, f"stages/count/{name}.py", text)
    run(tree, module="threefactor.pipeline.workflow")
    run(tree, "--cores", "1", "count", "--config", "count={weight: 3}", module="snakemake")
    assert (tree / "results/count/counts.csv").read_text() == "learning_rule,networks\ntheta_33,6\n"
    again = run(tree, "--dry-run", "count", "--config", "count={weight: 3}", module="snakemake")
    assert "Nothing to be done" in again
    other = run(tree, "--dry-run", "count", "--config", "count={weight: 4}", module="snakemake")
    assert re.search(r"\bcount 1\b", other)
    assert not re.search(r"\bretrain 1\b", other)
    assert "count the networks that were trained" in run(tree, "--help")
    run(tree, module="threefactor.pipeline.reference")
    assert "`count/counts.csv`" in (tree / "docs/reference/outputs.md").read_text(encoding="utf-8")
    assert "`count`" in (tree / "docs/reference/commands.md").read_text(encoding="utf-8")
    run(tree, "results", module="threefactor.pipeline.reference")
    assert "what each network counts" in row(tree, "count.weight")


OF_FACTORS = """Measure(
        "classes_{factor}",
        "classes",
        "classes of the factor {factor}",
        lambda known, factor: torch.full((1,), 1.0 + max(known.task.factors[factor])),
        factors=EVERY,
    ),
"""


def test_a_measure_is_one_entry(tree):
    (entry,) = guide("measure")
    file = tree / "src/threefactor/analysis/measures.py"
    head, last = file.read_text(encoding="utf-8").rsplit("\n)\n", 1)
    file.write_text(f"{head}\n    {entry.strip()},\n    {OF_FACTORS})\n{last}", encoding="utf-8")
    rules = {"theta_33": [True] * 4, "bptt": [True] * 4}
    settings = retrained.settings("results", rules)
    retrained.write(tree / "results", everything(load.parse(settings)), rules)
    (tree / "config/config.yaml").write_text(yaml.safe_dump(settings))
    jobs = [(rule, str(batch)) for rule in rules for batch in range(2)]
    for rule, batch in jobs:
        for stage in ("analyse", "null_models"):
            run(tree, stage, "--learning-rule", rule, "--batch", batch)
    run(tree, "compare_solutions")
    made = [pd.read_csv(tree / f"results/analyse/{rule}/{batch}.csv") for rule, batch in jobs]
    networks = pd.concat(made, ignore_index=True)
    names = ["mean_rate", "classes_first", "classes_second", "classes_choice"]
    assert list(networks.columns[-4:]) == names
    analysed = networks[networks.analysed]
    assert analysed.mean_rate.between(0, 1, inclusive="neither").all()
    assert analysed.classes_choice.dropna().tolist() == [2.0] * 4, "of the first network of each batch"
    spread = pd.read_csv(tree / "results/compare_solutions/spread.csv")
    own = spread[spread.quantity == "mean_rate"].set_index("learning_rule").estimate
    means = analysed.groupby("learning_rule").mean_rate.mean()
    assert own.to_dict() == pytest.approx(means.to_dict())
    run(tree, module="threefactor.pipeline.reference")
    assert "`mean_rate`" in (tree / "docs/reference/outputs.md").read_text(encoding="utf-8")
