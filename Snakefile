"""The contents page: settings, rules, what is made, and what happens around a run."""

from snakemake.utils import min_version

min_version("9.27")

# Each file of settings stands on its own: what it leaves out has the default of src/threefactor/config,
# exactly as for `python -m threefactor STAGE --config FILE`.
if not workflow.overwrite_configfiles:

    configfile: "config/config.yaml"


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/record.smk"
include: "workflow/rules/metalearn.smk"
include: "workflow/rules/prune.smk"
include: "workflow/rules/families.smk"
include: "workflow/rules/recover.smk"
include: "workflow/rules/validate.smk"
include: "workflow/rules/ablate.smk"
include: "workflow/rules/estimate.smk"
include: "workflow/rules/retrain.smk"
include: "workflow/rules/align.smk"
include: "workflow/rules/analyse.smk"
include: "workflow/rules/transfer.smk"
include: "workflow/rules/judge.smk"
include: "workflow/rules/found.smk"
include: "workflow/rules/figures.smk"


rule all:
    """Make every result, figure and headline number."""
    default_target: True
    input:
        [path for stage in paths.STAGES for path in every_output(stage)],
