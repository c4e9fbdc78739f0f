"""Settings, and what the rules ask of them - files, and reasons to run again."""

import os
import shutil
import sys
from pathlib import Path

SOURCE = str(Path(workflow.basedir, "src"))  # what jobs run, though another checkout is installed
sys.path.insert(0, SOURCE)
for met in [name for name in sys.modules if name.partition(".")[0] == "threefactor"]:
    if not (getattr(sys.modules[met], "__file__", None) or "").startswith(SOURCE):
        del sys.modules[met]  # the logger imported that of the other one

from threefactor.declarations import PACKAGE, DeclarationError
from threefactor.experiment.settings.errors import SettingsError
from threefactor.experiment.spec import Input
from threefactor.pipeline import captions, files, fingerprints, registry
from threefactor.pipeline import workflow as write_rules
from threefactor.pipeline.settings import load

try:
    load.expect_stages()
    given = [Path(path) for path in workflow.configfiles]
    # read anew: Snakemake takes a key that stands twice, and turns names into dates and numbers
    found = [load.read(path) for path in given]
    CONFIG = load.parse(load.merged(*found, load.options(workflow.config_settings.config_args)), "settings")
    load.expect_folder(CONFIG, given)
    write_rules.expect(Path(workflow.basedir, "workflow/rules"))
    fingerprints.expect(CONFIG)
except (SettingsError, DeclarationError) as problem:
    sys.exit(f"Error: {problem}")
config.update(load.public(CONFIG))  # with every default: the front page of the report tells some of them
config["findings"] = captions.findings(CONFIG)  # numbers for the captions, of what is drawn

SETTINGS = f"{CONFIG.results}/config.yaml"
ENVIRONMENT = "../../envs/threefactor.yaml"
STAGES = PACKAGE / "stages"  # where captions lie
GPUS = int(CONFIG.device == "cuda")  # in every rule: on a cluster, a job that asks for none sees none
VALUES = {}  # of each wildcard, in all jobs
for _, job in registry.jobs(CONFIG):
    for name, value in job.items():
        VALUES.setdefault(name, {})[value] = None

# `--sdm conda` gives a job an environment without this package, which then lies in src/.
own_sources = Path(workflow.basedir, "src")
os.environ["PYTHONPATH"] = os.pathsep.join(
    [*([str(own_sources)] if own_sources.exists() else []), *filter(None, [os.environ.get("PYTHONPATH")])]
)

# Jobs say `python`: the one that runs Snakemake, activated or not.  A conda environment puts its own before it.
if shutil.which("python") != sys.executable:
    os.environ.update(
        PATH=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    )


pathvars:
    results=CONFIG.results,
    logs=f"{CONFIG.results}/logs",
    benchmarks=f"{CONFIG.results}/benchmarks",


wildcard_constraints:
    **{name: "|".join(values) for name, values in VALUES.items()},


def gather(pattern, stage, name):
    """Return the function that lists the files of a pattern for a job of a stage."""
    one = registry.stage(stage).inputs[name]
    assert one.pattern == pattern, f"{stage}: {name} reads {one.pattern}: {fingerprints.__name__}"
    return lambda wildcards: files.expand(CONFIG, one, dict(wildcards))


def gather_for_figure(pattern, figure, name):
    """List the files of a pattern for a figure: those of all jobs that make such files."""
    return files.expand(CONFIG, Input(pattern), {})


def shared(stage):
    """Describe the code and settings of a stage, one parameter each: Snakemake then names what changed."""
    return fingerprints.shared_lines(CONFIG, registry.stage(stage))


def own(stage):
    """Return the function that describes what a job reads and its siblings do not."""
    return lambda wildcards: fingerprints.own_lines(CONFIG, registry.stage(stage), dict(wildcards))


def drawn(figure):
    """Describe the code and settings of a figure, one parameter each."""
    return fingerprints.figure_lines(CONFIG, figure)
