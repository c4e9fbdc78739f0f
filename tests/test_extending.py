"""A rule, a task, a figure, a setting, a stage and a measure are each added by the files named here, and run."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

TINY = """
results: results
device: cpu
task: {duration_ms: 100.0}
network: {units: 12, clamped: {}}
plasticity: {warm_up_trials: 1}
criterion: {window: 5, horizon: 12}
metalearn: {trials: 4, held_out_trials: 4, rules: {learned_random: {start: random}}}
retrain: {networks: 2, batches: 1, rules: [theta_33], snapshots: [0, 5]}
align: {snapshots: [0]}
tracking: {uri: ""}
"""

RULE = '''"""Hebb's rule, gated by reward: the plainest three-factor rule."""

from typing import NamedTuple

from torch import Tensor

from threefactor.contract import Feedback, Network, Surroundings, Trajectory

LABEL = "Hebb"
INFORMATION = "reward"
SETTINGS = {"learning_rate": {"default": 0.01, "above": 0, "unit": "no unit", "meaning": "step of Hebb's rule"}}


class Hebb(NamedTuple):
    """Parameters."""

    learning_rate: float
    clip: float


def parameters(settings, surroundings: Surroundings) -> Hebb:
    """Return the parameters."""
    return Hebb(settings["learning_rate"], surroundings.clip)


def init(params: Hebb, network: Network) -> tuple[()]:
    """Return the memory: there is none."""
    return ()


def update(
    params: Hebb, network: Network, memory: tuple[()], trajectory: Trajectory, feedback: Feedback
) -> tuple[Tensor, tuple[()]]:
    """Return the weight update of one trial; b i j."""
    surprise = (feedback.reward - feedback.baseline)[:, None, None]
    made = params.learning_rate * surprise * (trajectory.rate.mT @ trajectory.rate)
    return made.clamp(-params.clip, params.clip) * ~network.clamped[:, None], memory
'''

TASK = '''"""Go or no go: answer after one of two stimuli, and not after the other."""

import torch

from threefactor.tasks import pulses

SETTINGS = {"silence": {"default": 0.5, "at_least": 0, "at_most": 1, "unit": "no unit", "meaning": "noise of inputs"}}


def make(duration, time_step, target, reward, *, delay=None, silence=0.5):
    """Return the task."""
    return pulses.make(duration, time_step, target, reward, delay=delay, noise=silence)
'''

FIGURE = '''"""Draw how many networks reached the criterion."""

from threefactor.experiment.work import Drawing, Inputs
from threefactor.plotting import style

HEADING = 5.9
INPUTS = {"networks": "retrain/{learning_rule}/{batch}.csv"}
READS = ("figures",)


def draw(inputs: Inputs) -> Drawing:
    """Draw a bar per learning rule."""
    reached = inputs.joined("networks").groupby("learning_rule").reached.mean()
    with style.look():
        figure = style.sheet(3, 3, inputs.settings.figures.dpi)
        panel(figure.subplots(), reached)
    return Drawing(figure, {"reached": reached.to_dict()})


def panel(ax, reached):
    """Draw the bars."""
    ax.bar(list(reached.index), reached)
    ax.set_ylabel("fraction at criterion")
    return ax
'''

CAPTION = """**Networks at criterion.** Bars: fraction of all networks of a rule.
{% block finding %}{% set found = snakemake.config["findings"]["reached"] %}
{% for rule, share in found.reached.items() %}``{{ rule }}`` {{ "{:.0%}".format(share) }}. {% endfor %}{% endblock %}
"""

SPEC = '''"""Stage ``count``: how many networks there are."""

from threefactor.experiment.spec import Input, Spec

SPEC = Spec(
    name="count",
    help="count the networks that were trained",
    inputs={"networks": Input("retrain/{learning_rule}/{batch}.csv")},
    outputs={"counts": "count/counts.csv"},
    settings=("count",),
)
'''

STAGE_SETTINGS = '''"""Settings of counting."""

from pydantic import Field

from threefactor.experiment.settings.block import Block


class Count(Block):
    """How networks are counted."""

    weight: int = Field(2, ge=1, description="what each network counts, number")
'''

COMPUTE = '''"""Count networks."""

from threefactor.experiment.work import Results, Work


def compute(work: Work) -> Results:
    """Count. Output: ``counts``, a row per learning rule."""
    counts = work.joined("networks").groupby("learning_rule").size() * work.settings.count.weight
    return Results({"counts": counts.rename("networks").reset_index()}, {"rules": float(len(counts))})
'''


@pytest.fixture
def tree(tmp_path):
    """Copy what a checkout has."""
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for name in ("src", "workflow", "profiles", "envs"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    shutil.copy(ROOT / "Snakefile", tmp_path)
    (tmp_path / "config").mkdir()
    (tmp_path / "config/config.yaml").write_text(TINY)
    return tmp_path


def run(tree, *words, module="threefactor"):
    """Run a command on the copy and return what it printed."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PYTHONPATH": str(tree / "src"), "COLUMNS": "300", "PATH": path}
    command = [sys.executable, "-m", module, *words]
    done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout + done.stderr


def package(tree):
    return tree / "src/threefactor"


def edit(path, old, new):
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


def test_a_learning_rule_is_one_file(tree):
    (package(tree) / "learning_rules/hebb.py").write_text(RULE)
    with (tree / "config/config.yaml").open("a") as file:
        file.write("learning_rules: {hebb: {learning_rate: 0.1}}\n")
    run(tree, "retrain", "--learning-rule", "hebb", "--batch", "0")
    assert (tree / "results/retrain/hebb/0.csv").exists()
    printed = " ".join(run(tree, "settings").split())
    assert "learning_rules.hebb.learning_rate 0.1 step of Hebb's rule" in printed
    assert labels(tree)["hebb"] == "Hebb"


def labels(tree):
    code = "import json; from threefactor.experiment import rules; print(json.dumps(rules.labels()))"
    environment = {**os.environ, "PYTHONPATH": str(tree / "src")}
    return json.loads(subprocess.check_output([sys.executable, "-c", code], env=environment, text=True))


def test_a_task_is_one_file(tree):
    (package(tree) / "tasks/gonogo.py").write_text(TASK)
    with (tree / "config/config.yaml").open("a") as file:
        file.write("")
    edit(
        tree / "config/config.yaml",
        "{duration_ms: 100.0}",
        "{name: gonogo, duration_ms: 100.0, gonogo: {silence: 0.25}}",
    )
    run(tree, "retrain", "--learning-rule", "theta_33", "--batch", "0")
    assert "task.gonogo.silence" in run(tree, "settings")


def test_a_figure_is_one_file_and_its_caption(tree):
    folder = package(tree) / "stages/retrain/figures"
    (folder / "reached.py").write_text(FIGURE)
    (folder / "reached.rst").write_text(CAPTION)
    run(tree, module="threefactor.pipeline.workflow")
    planned = run(tree, "--cores", "1", "draw_reached", module="snakemake")
    assert "draw_reached" in planned
    assert json.loads((tree / "results/findings/reached.json").read_text())["reached"].keys() == {"theta_33"}
    assert "<svg" in (tree / "results/figures/reached.svg").read_text()[:500]
    assert "reached: ``theta_33``".replace("``", "") in " ".join(run(tree, "summary").split())


def test_a_setting_is_one_field(tree):
    edit(
        package(tree) / "stages/retrain/settings.py",
        "    batches: int = Field(",
        '    patience: int = Field(7, ge=0, description="how long to wait, in trials")\n    batches: int = Field(',
    )
    assert "retrain.patience 7 how long to wait, in trials" in " ".join(run(tree, "settings").split())
    with (tree / "config/config.yaml").open("a") as file:
        file.write("analyse: {networks_per_rule: 4}\n")
    edit(tree / "config/config.yaml", "retrain: {networks: 2,", "retrain: {networks: 2, patience: 3,")
    assert "retrain.patience 3" in " ".join(run(tree, "settings").split())


def test_a_stage_is_one_folder_and_its_rule(tree):
    folder = package(tree) / "stages/count"
    folder.mkdir()
    for name, text in (("__init__", ""), ("spec", SPEC), ("settings", STAGE_SETTINGS), ("compute", COMPUTE)):
        (folder / f"{name}.py").write_text(text)
    run(tree, module="threefactor.pipeline.workflow")
    assert {path.name for path in (tree / "workflow/rules").glob("c*.smk")} >= {"count.smk"}
    run(tree, "--cores", "1", "count", "--config", "count={weight: 3}", module="snakemake")
    assert (tree / "results/count/counts.csv").read_text() == "learning_rule,networks\ntheta_33,6\n"
    again = run(tree, "--dry-run", "count", "--config", "count={weight: 3}", module="snakemake")
    assert "Nothing to be done" in again
    other = run(tree, "--dry-run", "count", "--config", "count={weight: 4}", module="snakemake")
    assert re.search(r"^count +1$", other, flags=re.MULTILINE)
    assert not re.search(r"^retrain +", other, flags=re.MULTILINE)
    assert "count the networks that were trained" in " ".join(run(tree, "--help").split())
