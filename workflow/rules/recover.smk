"""Recover ground-truth rules from networks that learn by them, with error bars.  Written by `python -m threefactor.pipeline.workflow` from the stage's spec."""


rule recover:
    """Recover ground-truth rules from networks that learn by them, with error bars."""
    input:
        theta=gather("metalearn/{learned_rule}/theta.csv", "recover", "theta"),
        hyperparameters=gather("metalearn/{learned_rule}/hyperparameters.csv", "recover", "hyperparameters"),
    output:
        terms="<results>/recover/terms.csv",
        coverage="<results>/recover/coverage.csv",
    log:
        "<logs>/recover/recover.log",
    benchmark:
        "<benchmarks>/recover/recover.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=60,
        gpu=GPUS,
    params:
        *shared("recover"),
        own=own("recover"),
        settings=SETTINGS,
    shell:
        "python -m threefactor recover --config {params.settings} > {log} 2>&1"
