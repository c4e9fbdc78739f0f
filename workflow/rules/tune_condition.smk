"""Search the constants of one learning rule for a condition of transfer.  Written by `python -m threefactor.pipeline.workflow` from the stage's spec."""


rule tune_condition:
    """Search the constants of one learning rule for a condition of transfer."""
    input:
        theta=gather("metalearn/{learned_rule}/theta.csv", "tune_condition", "theta"),
        hyperparameters=gather(
            "metalearn/{learned_rule}/hyperparameters.csv", "tune_condition", "hyperparameters"
        ),
    output:
        draws="<results>/tune_condition/{condition}/{tuned_rule}.draws.csv",
        constants="<results>/tune_condition/{condition}/{tuned_rule}.constants.csv",
    log:
        "<logs>/tune_condition/{condition}/{tuned_rule}.log",
    benchmark:
        "<benchmarks>/tune_condition/{condition}/{tuned_rule}.tsv"
    priority: 5
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=240,
        gpu=GPUS,
    params:
        *shared("tune_condition"),
        own=own("tune_condition"),
        settings=SETTINGS,
    shell:
        "python -m threefactor tune_condition --config {params.settings} --condition {wildcards.condition} --tuned-rule {wildcards.tuned_rule} > {log} 2>&1"
