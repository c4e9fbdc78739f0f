"""The workflow: it parses, plans the right jobs, and reruns what an edit touches and nothing else."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from threefactor.experiment import conditions, retrained_batches
from threefactor.pipeline import registry
from threefactor.pipeline.settings import load

ROOT = Path(__file__).parents[2]

TINY = """
metalearn: {rules: {learned_random: {start: random}}}
retrain: {batches: 1, rules: [theta_33, learned_random, bptt]}
tune: {rules: [theta_33]}
tracking: {uri: ""}
"""


def snakemake(folder, *words):
    """Run Snakemake in a folder on the sources of that folder."""
    path = os.pathsep.join([str(folder / "src"), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    environment = {**os.environ, "PYTHONPATH": path}
    command = [sys.executable, "-m", "snakemake", *words]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def planned(folder, *words):
    """Return how many jobs of each rule a dry run plans."""
    found = snakemake(folder, "--dry-run", "--quiet", "rules", *words)
    assert found.returncode == 0, found.stderr
    rows = re.findall(r"^(\w+) +(\d+)$", found.stdout + found.stderr, flags=re.MULTILINE)
    return {rule: int(count) for rule, count in rows if rule not in ("total", "all")}


@pytest.fixture
def checkout(tmp_path):
    """Copy the project."""
    return copied(tmp_path)


def copied(tmp_path):
    """Copy the project to a folder."""
    for name in ("src", "workflow", "profiles", "envs"):
        shutil.copytree(
            ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info")
        )
    shutil.copy(ROOT / "Snakefile", tmp_path)
    (tmp_path / "config").mkdir()
    (tmp_path / "config/config.yaml").write_text(TINY)
    return tmp_path


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Pretend that all jobs were run: empty outputs that Snakemake accepts as up to date."""
    checkout = copied(tmp_path_factory.mktemp("finished"))
    listed = snakemake(checkout, "--dry-run", "--summary")
    for line in listed.stdout.splitlines()[1:]:
        path = checkout / line.split("\t")[0]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    touched = snakemake(checkout, "--touch", "--forceall", "--cores", "1")
    assert touched.returncode == 0, touched.stderr
    assert planned(checkout) == {}
    return checkout


@pytest.fixture
def done(finished, tmp_path):
    """Copy the checkout in which all jobs were run, with the times of its files."""
    return shutil.copytree(finished, tmp_path / "done")


def edit(path, old, new):
    """Replace a text that stands in a file exactly where it is expected."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


@pytest.mark.parametrize("name", ["config", "smoke", "paper", "discovery"])
def test_each_file_of_settings_plans_every_job(name, tmp_path):
    file = ROOT / "config" / f"{name}.yaml"
    config = load.load(file)
    words = ["--snakefile", str(ROOT / "Snakefile"), "--configfile", str(file)]
    jobs = len(config.retrain.rules) * retrained_batches.count(config)
    expected = {
        "metalearn": len(config.metalearn.rules),
        "prune": config.prune.learned_rules,
        "estimate": len(config.estimate.plasticity_strength),
        "tune": len(config.tune.rules),
        "retrain": jobs,
        "generalise": jobs,
        "analyse": jobs,
        "null_models": jobs,
        "align": len(config.retrain.rules) * config.align.batches,
        "transfer": len(conditions.jobs(config)),
        "tune_condition": len(conditions.tuning_jobs(config)),
        **{name: len(list(registry.stages()[name].jobs(config))) for name in ("rivals", "judge")},
    }
    drawn = {f"draw_{name}": 1 for name in registry.figures()}
    counts = {**dict.fromkeys(registry.stages(), 1), **expected, **drawn}
    assert planned(tmp_path, *words) == {name: count for name, count in counts.items() if count}


def test_conditions_are_compared_without_any_other_stage(tmp_path):
    file = ROOT / "config/miconi.yaml"
    target = ["--configfile", str(file), "--cores", "1", "draw_transfer"]
    jobs = {"transfer": load.load(file).transfer.batches, "compare_conditions": 1, "draw_transfer": 1}
    assert planned(tmp_path, "--snakefile", str(ROOT / "Snakefile"), *target) == jobs


@pytest.mark.parametrize(
    ("target", "name", "without"),
    [
        ("tuning", "tuning", "retrain"),
        ("retraining", "solutions", "analyse"),
        ("solutions", "solutions", "align"),
    ],
)
def test_parts_can_be_made_alone(target, name, without, tmp_path):
    file = ROOT / f"config/{name}.yaml"
    config = load.load(file)
    words = ["--snakefile", str(ROOT / "Snakefile"), "--configfile", str(file), "--cores", "1", target]
    found = planned(tmp_path, *words)
    assert found["tune"] == len(config.tune.rules)
    assert without not in found
    batches = retrained_batches.count(config)
    made = {
        "tuning": 0,
        "retraining": len(config.retrain.rules) * batches,
        "solutions": len(config.compare_solutions.rules) * batches,
    }
    assert found.get("generalise", 0) == made[target]


def test_wrong_settings_stop_in_one_line(checkout):
    found = snakemake(checkout, "--cores", "1", "--config", "network={unts: 3}")
    assert found.returncode == 1
    (line,) = [line for line in found.stderr.splitlines() if "Error" in line]
    assert line == "Error: settings: " + line.removeprefix("Error: settings: ")
    assert "network.unts = 3: unknown key, must be one of units, " in line
    assert line.endswith("did you mean 'units'?")
    assert not (checkout / "results").exists()


UNASKED = {"rivals", "judge", "tune_condition"}
"""Stages without jobs by default: rivals of a learned rule, and constants tuned for conditions."""


def test_every_job_asks_for_the_gpu_that_it_would_refuse_to_run_without(checkout):
    found = snakemake(checkout, "--dry-run", "--config", "device=cuda")
    jobs = re.findall(r"^rule (\w+):.*?^    resources: (.*?)$", found.stdout, flags=re.MULTILINE | re.DOTALL)
    names = {*registry.stages(), *(f"draw_{name}" for name in registry.figures())} - UNASKED
    assert {name for name, _ in jobs if name != "all"} == names
    assert all("gpu=1" in asked for name, asked in jobs if name != "all"), jobs


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("network={units", "Error: --config network={units: not YAML, as '{units: 64}' is: "),
        (
            "results=Snakefile/results",
            "Error: results = 'Snakefile/results': must be a folder, Snakefile is a file",
        ),
        ("network={units: 20, units: 30}", "key 'units' in line 1: must stand once"),
        ("plasticity={clip: 6e-3}", "plasticity.clip = '6e-3': must be a valid number (largest change"),
        ("results=config", "Error: results = 'config': must be another folder, config/config.yaml would be"),
        ("results=/proc/none", "results = '/proc/none': /proc/none/config.yaml cannot be written: "),
    ],
)
def test_what_the_command_line_gets_wrong_is_no_traceback(checkout, setting, words):
    found = snakemake(checkout, "--cores", "1", "--config", setting)
    assert found.returncode == 1
    assert words in found.stderr
    assert not re.search(r'Traceback|File ".*(site-packages|src/threefactor|lib/python)', found.stderr)


def test_a_folder_named_by_a_date_keeps_its_name(checkout):
    edit(checkout / "config/config.yaml", "retrain:", "results: 2026-11-29\nretrain:")
    for name, words in {"2026-11-29": (), "2026_11_29": ("--config", "results=2026_11_29")}.items():
        listed = snakemake(checkout, "--summary", *words)
        assert listed.returncode == 0, listed.stderr
        paths = [line.split("\t")[0] for line in listed.stdout.splitlines()[1:]]
        assert paths
        assert all(path.startswith(f"{name}/") for path in paths)


REAL = """
device: cpu
task: {duration_ms: 100.0}
network: {units: 12, clamped: {}}
plasticity: {warm_up_trials: 2}
criterion: {window: 5, horizon: 10}
recover: {rules: [theta_33], learned_rules: 0, networks: 1, trials: 12, repeats: 2}
tracking: {uri: ""}
"""


def test_a_checkout_plans_by_its_own_code_though_another_one_is_installed(checkout):
    (checkout / "src/threefactor/stages/align/spec.py").write_text("x = (")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-m", "snakemake", "--dry-run"]
    found = subprocess.run(
        command, cwd=checkout, env=environment, capture_output=True, text=True, check=False
    )
    assert found.returncode == 1
    assert f"Error: {checkout}/src/threefactor/stages/align/spec.py: must be Python" in found.stderr


def test_a_project_and_results_lie_where_they_will(tmp_path):
    """With spaces, parentheses and letters of other languages in the way, and behind links."""
    place, disk, link = tmp_path / "my project (v2) ü", tmp_path / "big disk (ß)", tmp_path / "link"
    place.mkdir()
    disk.mkdir()
    copied(place)
    (place / "config/config.yaml").write_text(REAL)
    (place / "results").symlink_to(disk)
    link.symlink_to(place)
    found = snakemake(link, "--cores", "1", "--until", "recover")
    assert found.returncode == 0, found.stderr
    assert (disk / "recover/terms.csv").read_text()
    assert planned(place, "--until", "recover") == {}
    edit(place / "src/threefactor/stages/recover/compute.py", "def compute", "ONE = 1\n\n\ndef compute")
    assert planned(link, "--until", "recover") == {"recover": 1}


RULE = "LABEL = 'Own'\nINFORMATION = 'reward'\ndef parameters(): ...\ndef init(): ...\ndef update(): ...\n"

ASKED = "retrain: {rules: [own]}"

BROKEN = {
    "no Python": (
        {"learning_rules/own.py": "def update(:", "config": ASKED},
        "learning_rules/own.py: must be Python: invalid syntax in line 1",
    ),
    "no Python, of what a rule imports": (
        {
            "learning_rules/own.py": "from threefactor.learning_rules import other\n" + RULE,
            "learning_rules/other.py": "x = (",
            "config": ASKED,
        },
        "learning_rules/other.py: must be Python: '(' was never closed in line 1",
    ),
    "no Python, of a figure": (
        {"stages/align/figures/descent.py": "x = ("},
        "figures/descent.py: must be Python: '(' was never closed in line 1",
    ),
    "no Python, of a stage": (
        {"stages/align/settings.py": "x = ("},
        "stages/align/settings.py: must be Python: '(' was never closed in line 1",
    ),
    "no parameters": (
        {"learning_rules/own.py": RULE.replace("parameters", "other"), "config": ASKED},
        "own.py: parameters is missing: must be a function of the file",
    ),
    "settings that are none": (
        {"learning_rules/own.py": RULE + "SETTINGS = [1]\n", "config": ASKED},
        "own.py: SETTINGS = [1]: must be a group of keys for each setting",
    ),
    "a spec that lacks an import": (
        {"stages/align/spec.py": "\nSPEC = Spec()"},
        "stages/align/spec.py, line 2: must be imported: NameError: name 'Spec' is not defined",
    ),
    "no package": ({"stages/own/spec.py": ""}, "stages/own/__init__.py: is missing: must be there, empty"),
    "a default out of its bounds": (
        {
            "learning_rules/own.py": RULE
            + "SETTINGS = {'a': {'default': 1.0, 'above': 2, 'meaning': 'a'}}\n",
            "config": ASKED,
        },
        "own.py: SETTINGS: a = 1.0: must be greater than 2",
    ),
    "a setting without a name": (
        {
            "learning_rules/own.py": RULE + "SETTINGS = {'_a': {'default': 1.0, 'meaning': 'a'}}\n",
            "config": ASKED,
        },
        "own.py: SETTINGS: ",
    ),
    "a meaning that is no text": (
        {
            "learning_rules/own.py": RULE + "SETTINGS = {'a': {'default': 1.0, 'meaning': 3}}\n",
            "config": ASKED,
        },
        "SETTINGS['a']: meaning and unit must be texts",
    ),
    "no such information": (
        {
            "learning_rules/own.py": RULE.replace("'reward'", "'all'"),
            "config": ASKED,
        },
        "own.py: INFORMATION = 'all': must be one of reward, perturbation, error, gradient",
    ),
    "an empty spec": (
        {"stages/own/spec.py": "", "stages/own/__init__.py": ""},
        "stages/own/spec.py: SPEC = None: must be a Spec",
    ),
    "a stage of no rule": (
        {
            "stages/own/__init__.py": "",
            "stages/own/spec.py": "from threefactor.experiment.spec import Spec\n"
            "SPEC = Spec(name='own', help='do nothing', outputs={'a': 'own/a.csv'})\n",
        },
        "workflow/rules/own.smk: has no rule own; 'make generate' writes it",
    ),
    "no block of settings": (
        {"stages/own/settings.py": ""},
        "stages/own/settings.py: Own is missing: must be the Block of settings of the stage",
    ),
    "a key that stands twice": ({"config": "seed: 1\nseed: 2"}, "key 'seed' in line 2: must stand once"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_of_ones_own_is_refused_in_one_line(checkout, case):
    files, words = BROKEN[case]
    for name, text in files.items():
        path = checkout / ("config/config.yaml" if name == "config" else f"src/threefactor/{name}")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    found = snakemake(checkout, "--dry-run")
    assert found.returncode == 1
    (line,) = [line for line in found.stderr.splitlines() if "Error" in line]
    assert line.startswith("Error: ")
    assert words in line
    assert "Traceback" not in found.stderr


def test_jobs_run_with_the_python_that_runs_snakemake(checkout, tmp_path, monkeypatch):
    """Though another one stands first on the path, as where an environment was not activated."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "python").write_text("#!/bin/sh\necho another python\n")
    (other / "python").chmod(0o755)
    monkeypatch.setenv("PATH", f"{other}{os.pathsep}{os.environ['PATH']}")
    with (checkout / "Snakefile").open("a") as file:
        file.write(
            'rule which:\n    output: "which.txt"\n'
            "    shell: \"python -c 'import sys; print(sys.executable)' > {output}\"\n"
        )
    found = snakemake(checkout, "--cores", "1", "which.txt")
    assert found.returncode == 0, found.stderr
    assert (checkout / "which.txt").read_text().strip() == sys.executable


FOLLOWERS = {"retrain": 1, "generalise": 1, "align": 3, "compare_learning": 1, "analyse": 1, "null_models": 1}
FOLLOWERS |= {"compare_solutions": 1, "headline": 1}
"""Jobs that are due when BPTT changes: it is compared with the other rules along the training of each."""


def stages(jobs):
    """Leave figures out."""
    return {name: count for name, count in jobs.items() if not name.startswith("draw_")}


def test_edits_rerun_what_they_touch(done):
    """Snakemake goes by the lines of `threefactor.pipeline.fingerprints`, which have a finer test of their own."""
    source = done / "src/threefactor"
    edit(source / "network/simulate.py", '"""', '"""Other words. ')
    with (source / "kernels/scans.py").open("a") as file:
        file.write("\n# a comment\n")
    assert planned(done) == {}, "words"

    with (source / "stages/compare_learning/figures/learning_curves.rst").open("a") as file:
        file.write("\nA better wording.\n")
    assert planned(done) == {}, "captions"

    with (source / "stages/validate/figures/tangent_accuracy.py").open("a") as file:
        file.write("\nONE = 1\n")
    assert planned(done) == {"draw_tangent_accuracy": 1}, "one figure"

    with (source / "learning_rules/bptt.py").open("a") as file:
        file.write("\nONE = 1\n")
    after_bptt = planned(done)
    assert stages(after_bptt) == FOLLOWERS, "one rule, and who meets it"

    with (source / "kernels/scans.py").open("a") as file:
        file.write("\nTHREE = 3\n")
    everything = stages(planned(done))
    assert set(everything) == set(stages(dict.fromkeys(registry.stages()))) - {
        "rivals",
        "judge",
        "compare_rivals",
        "tune_condition",
    }, (
        "what all stages run, and what follows from them; nothing is held against rivals or tuned for a condition here"
    )
    assert everything["retrain"] == 3


def test_settings_rerun_what_they_touch(done):
    def due(setting):
        return planned(done, "--config", setting)

    assert due("figures={dpi: 99}") == {f"draw_{name}": 1 for name in registry.figures()}
    wider = due("transfer={conditions: {sparse_large: {network.units: 32}}}")
    assert wider == {"transfer": 3, "compare_conditions": 1, "draw_transfer": 1}
    assert stages(due("transfer={rules: [theta_33, bptt]}")) == {"transfer": 1, "compare_conditions": 1}
    assert due("tracking={experiment: other}") == {}
    assert stages(due("align={draws: 320}")) == {"align": 3, "headline": 1}
    assert stages(due("learning_rules={bptt: {learning_rate: 0.5}}")) == FOLLOWERS
    longer = {name: count for name, count in FOLLOWERS.items() if name != "align"} | {"align": 1}
    assert stages(due("retrain={horizons: {bptt: 600}}")) == longer, "no other rule"
    assert due("estimate={plasticity_strength: {weak: 0.1, strong: 2.0}}") == {
        "estimate": 1,
        "draw_estimators": 1,
    }


def test_the_front_page_of_the_report_tells_the_settings_with_their_defaults(done):
    made = snakemake(done, "--report", "report.html", "--config", "seed=7")
    assert made.returncode == 0, made.stderr
    page = (done / "report.html").read_text()
    assert "Seed 7. Task dnms" in page
    assert "Each of\\n3 rules trains\\n32 networks" in page
    assert "results/config.yaml" in page
