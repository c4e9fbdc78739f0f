"""Bias, variance and cost of the estimators of the meta-gradient: one job a regime of plasticity."""


rule estimate:
    """Hold the estimators against a long Monte Carlo of common-noise differences."""
    input:
        unpack(inputs("estimate")),
    output:
        **outputs("estimate"),
    log:
        "<logs>/estimate/{regime}.log",
    benchmark:
        "<benchmarks>/estimate/{regime}.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=1440,
        gpu=GPUS,
    params:
        *depends("estimate"),
        chosen=chosen("estimate"),
        settings=SETTINGS,
    shell:
        "python -m threefactor estimate --config {params.settings} --regime {wildcards.regime} > {log} 2>&1"
