"""Tune every hand-made rule with at least as many simulated trials as a learned rule had.  Written by `python -m threefactor.pipeline.workflow` from the stage's spec."""


rule rivals:
    """Tune every hand-made rule with at least as many simulated trials as a learned rule had."""
    input:
        theta=gather("metalearn/{learned_rule}/theta.csv", "rivals", "theta"),
        hyperparameters=gather("metalearn/{learned_rule}/hyperparameters.csv", "rivals", "hyperparameters"),
    output:
        rivals="<results>/rivals/{family}.csv",
        constants="<results>/rivals/{family}.constants.csv",
        theta="<results>/rivals/{family}.theta.csv",
    log:
        "<logs>/rivals/{family}.log",
    benchmark:
        "<benchmarks>/rivals/{family}.tsv"
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
        "python -m threefactor rivals --config {params.settings} --family {wildcards.family} > {log} 2>&1"
