"""The README's examples of a task and of a learning rule, run as a user would run them."""

import re
import shutil
from pathlib import Path

import pytest
import torch

import threefactor
from threefactor import learning_rules, tasks
from threefactor.cli.main import main
from threefactor.experiment import build as assemble
from threefactor.experiment import rules as names
from threefactor.pipeline.settings import load
from threefactor.training.environment import experience
from threefactor.training.learning_run import train

ROOT = Path(__file__).parents[2]
CPU = torch.device("cpu")

TINY = """
device: cpu
task: {name: gonogo, duration_ms: 200.0}
network: {units: 12}
plasticity: {warm_up_trials: 2}
criterion: {window: 5, horizon: 20}
retrain: {rules: [hebb], snapshots: [0]}
align: {snapshots: [0]}
tracking: {uri: ""}
"""


@pytest.fixture
def examples(tmp_path, monkeypatch):
    """Save the examples of the README beside the tasks and rules that are there."""
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    for folder, name, text in zip(("tasks", "learning_rules"), ("gonogo", "hebb"), blocks, strict=True):
        shutil.copytree(Path(threefactor.__file__).parent / folder, tmp_path / folder)
        (tmp_path / folder / f"{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.setattr(tasks, "__path__", [*tasks.__path__, str(tmp_path / "tasks")])
    monkeypatch.setattr(
        learning_rules, "__path__", [*learning_rules.__path__, str(tmp_path / "learning_rules")]
    )
    monkeypatch.setattr(names, "ROOT", tmp_path)
    return tmp_path


def test_the_task_is_what_it_says(examples):
    assert "gonogo" in names.tasks()
    assert "hebb" in names.rule_files()
    task = assemble.task(load.parse({"task": {"name": "gonogo"}, "retrain": {"rules": ["hebb"]}}))
    trial = task.draw(torch.arange(2), generator=None, dtype=torch.float64)
    assert task.steps == 100
    assert trial.inputs[0, :, 0].nonzero()[:, 0].tolist() == list(range(20, 40))
    assert (trial.inputs[1] == 0).all()
    assert trial.target[:, -1, 0].tolist() == pytest.approx([0.98, -0.98])


def test_both_learn_from_the_command_line_and_in_the_pipeline(examples, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.yaml").write_text(TINY, encoding="utf-8")
    assert main(["learn", "--networks", "2", "--config", "tiny.yaml"]) == 0
    assert (tmp_path / "results/learn/theta_33.gonogo.seed1.svg").exists()
    config = load.load(tmp_path / "tiny.yaml")
    net = assemble.network(config, range(2), CPU, purpose="test")
    rule, noise = assemble.learning_rule(config, "hebb", None, CPU), assemble.noise(config, "test")
    lifetime = train(rule, net, assemble.environment(config), assemble.criterion(config), generator=noise)
    moved = lifetime.weights - net.weights
    assert moved[:, 0].abs().max() > 0
    assert (moved[:, net.clamped] == 0).all()
    assert moved.abs().max() <= config.criterion.horizon * config.plasticity.clip
    sampled = experience(assemble.environment(config), net, 0, generator=noise(0))
    assert sampled.trial.inputs.shape == (2, 20, 1)
