"""Tune every hand-made rule with as many simulated trials as a learned rule had.  Written by `python -m threefactor.pipeline.workflow` from the stage's spec."""


rule rivals:
    """Tune every hand-made rule with as many simulated trials as a learned rule had."""
    output:
        rivals="<results>/rivals/{deviation}.csv",
        constants="<results>/rivals/{deviation}.constants.csv",
        theta="<results>/rivals/{deviation}.theta.csv",
    log:
        "<logs>/rivals/{deviation}.log",
    benchmark:
        "<benchmarks>/rivals/{deviation}.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=240,
        gpu=GPUS,
    params:
        *shared("rivals"),
        own=own("rivals"),
        settings=SETTINGS,
    shell:
        "python -m threefactor rivals --config {params.settings} --deviation {wildcards.deviation} > {log} 2>&1"
