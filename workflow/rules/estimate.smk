"""Measure bias, variance and cost of the estimators of the meta-gradient.  Written by `python -m threefactor.pipeline.workflow` from the stage's spec."""


rule estimate:
    """Measure bias, variance and cost of the estimators of the meta-gradient."""
    output:
        estimators="<results>/estimate/{plasticity_strength}.csv",
        errors="<results>/estimate/{plasticity_strength}.errors.csv",
        samples="<results>/estimate/{plasticity_strength}.safetensors",
    log:
        "<logs>/estimate/{plasticity_strength}.log",
    benchmark:
        "<benchmarks>/estimate/{plasticity_strength}.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=1440,
        gpu=GPUS,
    params:
        *shared("estimate"),
        own=own("estimate"),
        settings=SETTINGS,
    shell:
        "python -m threefactor estimate --config {params.settings} --plasticity-strength {wildcards.plasticity_strength} > {log} 2>&1"
