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


rule draw_recovery:
    """Draw parameter recovery: the terms of every ground-truth rule, and errors and coverage by the size of noise."""
    input:
        terms="<results>/recover/terms.csv",
        coverage="<results>/recover/coverage.csv",
    output:
        figure=report(
            "<results>/figures/recovery.svg",
            caption=f"{STAGES}/recover/figures/recovery.rst",
            category="2. Discovering three-factor rules",
            labels={"figure": "2.5 recovery"},
        ),
        findings="<results>/findings/recovery.json",
    log:
        "<logs>/draw/recovery.log",
    benchmark:
        "<benchmarks>/draw/recovery.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=30,
        gpu=GPUS,
    params:
        *drawn("recovery"),
        settings=SETTINGS,
    shell:
        "python -m threefactor draw recovery --config {params.settings} > {log} 2>&1"
