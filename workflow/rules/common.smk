"""Settings, and what the stages ask of them - files, and reasons to run again."""

import os
import sys
from itertools import product
from pathlib import Path

from snakemake.utils import update_config

from threefactor.config import conditions, load, members, paths, uses
from threefactor.experiment.settings.errors import ConfigError

try:
    update_config(config, load.retype(workflow.config_settings.config))
    CONFIG = load.parse(config, "settings")
    load.expect_folder(CONFIG)
except ConfigError as problem:
    sys.exit(f"Error: {problem}")
config.update(load.dump(CONFIG))  # with every default: the front page of the report tells some of them

SETTINGS = f"{CONFIG.results}/config.yaml"
ENVIRONMENT = "../../envs/threefactor.yaml"
GPUS = int(CONFIG.device == "cuda")  # in every rule: on a cluster, a job that asks for none sees none
# Each figure with the heading of the poster that it answers; its caption is workflow/report/<figure>.rst.
FIGURES = paths.FIGURES
# A report sorts by name: numbers keep the poster's order.
HEADINGS = list(dict.fromkeys(FIGURES.values()))
VALUES = {
    "learned_rule": list(CONFIG.metalearn.rules),
    "pruned_rule": members.first(CONFIG, CONFIG.prune.learned_rules),
    "regime": list(CONFIG.estimate.regimes),
    "learning_rule": list(CONFIG.retrain.rules),
    "batch": [str(batch) for batch in range(CONFIG.retrain.batches)],
}

OTHERS = {
    "align": {"batch": [str(batch) for batch in range(CONFIG.align.batches)]},
}
TRANSFERRED = conditions.jobs(CONFIG)

# `--sdm conda` gives a job an environment without this package.
os.environ["PYTHONPATH"] = os.pathsep.join(
    [str(Path(workflow.basedir, "src")), *filter(None, [os.environ.get("PYTHONPATH")])]
)


pathvars:
    logs=f"{CONFIG.results}/logs",
    benchmarks=f"{CONFIG.results}/benchmarks",


wildcard_constraints:
    learned_rule="|".join(VALUES["learned_rule"]),
    pruned_rule="|".join(VALUES["learned_rule"]),
    regime="|".join(VALUES["regime"]),
    learning_rule="|".join([*VALUES["learning_rule"], *(rule for _, rule, _ in TRANSFERRED)]),
    condition="|".join(CONFIG.transfer.conditions),
    batch="[0-9]+",


def outputs(stage):
    """Name the outputs of a stage, with its wildcards open."""
    return paths.patterns(CONFIG, stage)


def described(path, figure, kind="figure"):
    """Give what a stage draws its place and its caption in the report."""
    return report(
        path,
        caption=f"../report/{figure}.rst",
        category=f"{HEADINGS.index(FIGURES[figure]) + 1}. {FIGURES[figure]}",
        labels={
            "figure": f"{list(FIGURES).index(figure) + 1:02d} {figure.replace('_', ' ')}, {kind}".removesuffix(
                ", figure"
            )
        },
    )


def inputs(stage):
    """Return the function that names a job's inputs."""
    return lambda wildcards: paths.files(CONFIG, stage, dict(wildcards)).inputs


def every_output(stage):
    """List the outputs of all jobs of a stage."""
    names = paths.WILDCARDS.get(stage, ())
    values = VALUES | OTHERS.get(stage, {})
    jobs = TRANSFERRED if stage == "transfer" else product(*(values[name] for name in names))
    return [
        path for job in jobs for path in paths.files(CONFIG, stage, dict(zip(names, job))).outputs.values()
    ]


def depends(stage):
    """Describe the code and settings of a stage, one parameter each: Snakemake then names what changed."""
    return uses.shared_lines(CONFIG, stage)


def chosen(stage):
    """Return the function that describes what a job reads and its siblings do not."""
    return lambda wildcards: uses.chosen_lines(CONFIG, stage, dict(wildcards))
