"""The contents page: settings, rules, what is made, and what happens around a run."""

from pathlib import Path

from snakemake.utils import min_version

min_version("9.27")

# Each file of settings stands on its own: what it leaves out has its default, exactly as for
# `python -m threefactor STAGE --config FILE`.
if not workflow.overwrite_configfiles:

    configfile: "config/config.yaml"


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/tracking.smk"


# One file a stage: what goes in, what comes out, and the command.
for rules_of_stage in registry.stages():

    include: f"workflow/rules/{rules_of_stage}.smk"


rule all:
    """Make every result, figure and headline number."""
    default_target: True
    input:
        files.all_outputs(CONFIG),


rule discovery:
    """Make what meta-learning found, and how rules compare under all conditions."""
    input:
        rules.draw_meta_learning.output,
        rules.draw_search.output,
        rules.draw_learned_rules.output,
        rules.draw_families.output,
        rules.draw_sparsity.output,
        rules.draw_transfer.output,
        rules.draw_rivals.output,


rule retraining:
    """Make how networks learn by every rule: levels of error, the end of learning, and beyond training."""
    input:
        rules.draw_learning_speed.output,
        rules.draw_learning_curves.output,
        rules.draw_levels.output,
        rules.draw_gains.output,
        rules.draw_generalisation.output,


rule solutions:
    """Make what tells whether learning rules make classes of solutions, beside null models."""
    input:
        files.of_stage(CONFIG, "compare_solutions"),
        rules.draw_solution_classes.output,
        rules.draw_solution_space.output,


rule tuning:
    """Make the constants of every rule that is tuned."""
    input:
        files.of_stage(CONFIG, "tune"),
