"""Search the constants of one learning rule, with the same budget for every rule.  Written by `python -m threefactor.pipeline.workflow` from the stage's spec."""


rule tune:
    """Search the constants of one learning rule, with the same budget for every rule."""
    input:
        theta=gather("metalearn/{learned_rule}/theta.csv", "tune", "theta"),
        hyperparameters=gather("metalearn/{learned_rule}/hyperparameters.csv", "tune", "hyperparameters"),
    output:
        draws="<results>/tune/{tuned_rule}/draws.csv",
        tuned="<results>/tune/{tuned_rule}/tuned.csv",
    log:
        "<logs>/tune/{tuned_rule}.log",
    benchmark:
        "<benchmarks>/tune/{tuned_rule}.tsv"
    priority: 5
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=240,
        gpu=GPUS,
    params:
        *shared("tune"),
        own=own("tune"),
        settings=SETTINGS,
    shell:
        "python -m threefactor tune --config {params.settings} --tuned-rule {wildcards.tuned_rule} > {log} 2>&1"
