"""Train fresh networks under one learning rule and other settings, a condition.  Written by `python -m threefactor.pipeline.workflow` from the stage's spec."""


rule transfer:
    """Train fresh networks under one learning rule and other settings, a condition."""
    input:
        theta=gather("metalearn/{learned_rule}/theta.csv", "transfer", "theta"),
        hyperparameters=gather("metalearn/{learned_rule}/hyperparameters.csv", "transfer", "hyperparameters"),
        tuned=gather("tune_condition/{condition}/{tuned_rule}.constants.csv", "transfer", "tuned"),
    output:
        networks="<results>/transfer/{condition}/{learning_rule}/{batch}.csv",
        curve="<results>/transfer/{condition}/{learning_rule}/{batch}.curve.csv",
    log:
        "<logs>/transfer/{condition}/{learning_rule}/{batch}.log",
    benchmark:
        "<benchmarks>/transfer/{condition}/{learning_rule}/{batch}.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=240,
        gpu=GPUS,
    params:
        *shared("transfer"),
        own=own("transfer"),
        settings=SETTINGS,
    shell:
        "python -m threefactor transfer --config {params.settings} --condition {wildcards.condition} --learning-rule {wildcards.learning_rule} --batch {wildcards.batch} > {log} 2>&1"
