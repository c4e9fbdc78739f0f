"""Which edits run which stages again: all code that a job runs counts, words and declarations do not."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from threefactor.experiment.view import everything
from threefactor.pipeline import fingerprints, registry
from threefactor.pipeline.settings import load

ROOT = Path(__file__).parents[2]


LINES = """
import json, sys
from threefactor.pipeline import fingerprints, registry
from threefactor.pipeline.settings import load
config, found = load.parse(json.loads(sys.argv[1])), {}
for spec, values in registry.jobs(config):
    found.setdefault(spec.name, []).append(fingerprints.lines(config, spec, values))
for name in registry.figures():
    found[f"draw {name}"] = fingerprints.figure_lines(config, name)
print(json.dumps(found))
"""

EXPERIMENT = {
    "metalearn": {"rules": {"learned_random": {"start": "random"}}},
    "retrain": {"batches": 1, "rules": ["theta_33", "learned_random", "bptt"]},
}


def test_a_stage_runs_what_it_imports_and_no_more():
    files = {
        line.split()[0] for line in fingerprints.shared_lines(load.parse({}), registry.stages()["retrain"])
    }
    assert {
        "stages/retrain/compute.py",
        "pipeline/job.py",
        "kernels/__init__.py",
        "network/simulate.py",
    } <= files
    assert not [file for file in files if file.startswith(("pipeline/tracking/", "plotting/"))]
    assert "stages/metalearn/compute.py" not in files


def test_a_job_runs_the_rule_and_task_that_it_names():
    config, spec = load.parse({}), registry.stages()["retrain"]
    bptt = fingerprints.lines(config, spec, {"learning_rule": "bptt", "batch": "0"})
    theta = fingerprints.lines(config, spec, {"learning_rule": "theta_33", "batch": "0"})
    for lines in (bptt, theta):
        assert any(line.startswith("tasks/dnms.py ") for line in lines)
    assert any(line.startswith("learning_rules/bptt.py ") for line in bptt)
    assert any(line.startswith("learning_rules.bptt.learning_rate = ") for line in bptt)
    assert not [line for line in theta if "bptt" in line]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """Copy the package."""
    folder = tmp_path_factory.mktemp("checkout")
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(ROOT / "src", folder / "src", ignore=ignored)
    return folder


def lines(checkout, settings=EXPERIMENT):
    """Return the lines of all jobs and figures of the copy, by stage."""
    command = [sys.executable, "-c", LINES, json.dumps(settings)]
    environment = {**os.environ, "PYTHONPATH": str(checkout / "src")}
    return json.loads(subprocess.check_output(command, env=environment, text=True))


@pytest.fixture(scope="module")
def before(checkout):
    return lines(checkout)


LEARNERS = {
    "metalearn",
    "prune",
    "families",
    "recover",
    "validate",
    "ablation",
    "estimate",
    "retrain",
    "align",
} | {
    "analyse",
    "compare_solutions",
    "null_models",
    "generalise",
    "transfer",
}

OF_BPTT = {"retrain", "align", "generalise", "compare_learning"}
"""Stages that meet BPTT, or its constants."""

EDITS = {
    # file, old text, new text: stages that run it (figures aside)
    "a mask": (
        "metalearning/masks.py",
        "lambda k, l: bool(k % 2 and l % 2)",
        "lambda k, l: bool(k % 2)",
        None,
    ),
    "a condition": ("experiment/conditions.py", "raw[last] = value", "raw[last] = value or value", None),
    "a rule class": ("experiment/rule_classes.py", '"weight-dependent" if', '"dependent" if', None),
    "a build": (
        "experiment/build.py",
        "settings.network.start_scale,",
        "1.0 * settings.network.start_scale,",
        LEARNERS,
    ),
    "the command": (
        "cli/stage.py",
        "check(config, spec, wildcards)",
        "check(config, spec, {**wildcards})",
        None,
    ),
    "a seed": ("seeding.py", ">> 1", ">> 2", None),
    "bptt": ("learning_rules/bptt.py", "memory.updates + 1", "memory.updates + 2", OF_BPTT),
    "tracking": ("pipeline/tracking/journal.py", "INTERVAL = 1.0", "INTERVAL = 2.0", set()),
    "a label": ("learning_rules/bptt.py", 'LABEL = "BPTT"', 'LABEL = "bp"', set()),
    "a meaning": ("experiment/settings/network.py", "number of units N", "how many units", set()),
}


def runs(checkout, file):
    """Name the stages whose jobs have a line for a file."""
    return {
        stage
        for stage, jobs in lines(checkout).items()
        if not stage.startswith("draw ") and any(line.startswith(f"{file} ") for job in jobs for line in job)
    }


@pytest.mark.parametrize("case", EDITS)
def test_an_edit_runs_exactly_the_stages_that_run_it(case, checkout, before):
    file, old, new, expected = EDITS[case]
    path = checkout / "src/threefactor" / file
    text = path.read_text()
    assert text.count(old) >= 1
    running = runs(checkout, file)
    path.write_text(text.replace(old, new, 1))
    try:
        after = lines(checkout)
    finally:
        path.write_text(text)
    due = {stage for stage in before if not stage.startswith("draw ") and before[stage] != after[stage]}
    assert due == (running if expected is None else expected)
    if expected is None:
        assert due, "some stage runs it"


def test_masks_conditions_and_rule_classes_are_run_by_these(checkout):
    assert {"metalearn", "prune"} <= runs(checkout, "metalearning/masks.py")
    assert "transfer" in runs(checkout, "experiment/conditions.py")
    assert {"families", "metalearning_report"} <= runs(checkout, "experiment/rule_classes.py")
    assert "retrain" not in runs(checkout, "metalearning/masks.py") | runs(
        checkout, "experiment/conditions.py"
    )


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"compare_solutions": {"permutations": 99}}, {"compare_solutions"}),
        ({"tracking": {"experiment": "other"}}, set()),
        ({"learning_rules": {"bptt": {"learning_rate": 0.5}}}, OF_BPTT),
        ({"retrain": {**EXPERIMENT["retrain"], "horizons": {"bptt": 600}}}, {"retrain"}),
        ({"task": {"dpa": {"cues": 4}}}, set()),
        ({"transfer": {"conditions": {"sparse_large": {"network.units": 32}}}}, {"transfer"}),
    ],
)
def test_a_setting_runs_exactly_the_stages_that_read_it(checkout, before, changed, expected):
    after = lines(checkout, EXPERIMENT | changed)
    assert {
        stage for stage in before if not stage.startswith("draw ") and before[stage] != after[stage]
    } == expected


OF_SOME = ("task.", "learning_rules.", "retrain.horizons.", "tune.constants.")
"""Groups with keys for some tasks or learning rules, not for every one."""


def test_every_declared_key_exists():
    """A key that a spec declares and no settings have would guard nothing."""
    config = load.parse(EXPERIMENT)
    for spec, values in registry.jobs(config):
        under = spec.effective(config, values)
        for key in fingerprints.declared_keys(under, spec, values):
            if not key.startswith(OF_SOME):
                assert fingerprints.read(under, [key]), f"{spec.name}: {key}"
    assert everything(config).seed == 1


def settings_of(raw, stage, **values):
    """Return the settings that a job reads, by dotted key."""
    config, spec = load.parse(raw), registry.stages()[stage]
    under = spec.effective(config, values)
    return fingerprints.read(under, fingerprints.declared_keys(under, spec, values))


def test_a_job_reads_the_settings_of_its_own_rule():
    rules = {"a": {"start": "random"}, "b": {"start": "theta_33"}}
    raw = {"metalearn": {"rules": rules}, "retrain": {"rules": ["a", "bptt"]}}
    learned = settings_of(raw, "metalearn", learned_rule="b")
    assert learned["metalearn.rules.b.start"] == "theta_33"
    assert not [key for key in learned if key.startswith("metalearn.rules.a.")]
    own = settings_of(raw, "retrain", learning_rule="bptt", batch="0")
    of_rules = {key for key in own if key.startswith("learning_rules.")}
    assert of_rules == {"learning_rules.bptt.learning_rate", "learning_rules.bptt.first_decay"}
    assert own["retrain.horizons.bptt"] == 500
    of_polynomial = settings_of(raw, "retrain", learning_rule="a", batch="0")
    assert not [key for key in of_polynomial if key.startswith(("learning_rules.", "retrain.horizons."))]


def test_a_job_under_a_condition_reads_what_holds_there():
    conditions = {"a": {}, "b": {"network.units": 32}}

    def job(condition, **network):
        raw = {"network": network, "transfer": {"conditions": conditions}}
        return settings_of(raw, "transfer", condition=condition, learning_rule="theta_33", batch="0")

    assert job("a")["network.units"] == 128
    assert job("b")["network.units"] == 32
    assert job("b") == job("b", units=64)
    assert job("a") != job("a", units=64)


def test_a_setting_of_one_task_concerns_the_jobs_that_run_it():
    def job(cues, name="dnms", **own):
        rules = {"own": {"start": "theta_33", **own}}
        raw = {
            "task": {"name": name, "dpa": {"cues": cues}},
            "metalearn": {"rules": rules},
            "retrain": {"rules": ["own"]},
        }
        return settings_of(raw, "metalearn", learned_rule="own")

    assert job(3) == job(4)
    assert job(3, task="dpa") != job(4, task="dpa")
    assert job(3, name="dpa") != job(4, name="dpa")


def test_jobs_with_settings_of_their_own_share_none():
    """Else a value that a condition replaces would run its jobs again."""
    spec = registry.stages()["transfer"]
    assert not [line for line in fingerprints.shared_lines(load.parse({}), spec) if " = " in line]


def test_only_the_rules_of_the_experiment_are_part_of_its_figures():
    found = fingerprints.figure_lines(load.parse(EXPERIMENT), "learning_speed")
    assert [line for line in found if line.startswith("bptt: ")]
    with_rflo = EXPERIMENT | {"align": {"references": ["rflo"]}}
    without = EXPERIMENT | {"align": {"references": []}}
    first, second = (
        [
            line
            for line in fingerprints.figure_lines(load.parse(raw), "learning_speed")
            if line.startswith("rflo: ")
        ]
        for raw in (with_rflo, without)
    )
    assert first
    assert not second


@pytest.mark.parametrize(
    "stage", ["families", "compare_solutions", "ablation", "validate", "draw learned_rules"]
)
def test_the_order_of_rules_is_a_setting(stage):
    """These take the first rules, or number or draw the rules by their place."""
    keys = ("learned_a", "learned_b")
    made = [
        load.parse(
            {
                "metalearn": {"rules": {key: {"start": "random"} for key in order}},
                "retrain": {"rules": list(order)},
            }
        )
        for order in (keys, keys[::-1])
    ]
    before, after = (set(of_one_job(config, stage)) for config in made)
    assert before != after


def of_one_job(config, stage):
    """Return the lines of a stage of one job, or of a figure."""
    if stage.startswith("draw "):
        return fingerprints.figure_lines(config, stage.removeprefix("draw "))
    return fingerprints.lines(config, registry.stages()[stage], {})
