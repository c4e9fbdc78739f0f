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


rule draw_estimators:
    """Draw bias of the estimators of the meta-gradient, and their error by networks and seconds."""
    input:
        estimators=gather_for_figure("estimate/{plasticity_strength}.csv", "estimators", "estimators"),
        errors=gather_for_figure("estimate/{plasticity_strength}.errors.csv", "estimators", "errors"),
    output:
        figure=report(
            "<results>/figures/estimators.svg",
            caption=f"{STAGES}/estimate/figures/estimators.rst",
            category="4. Subspace-sensitivities provide accurate gradient information",
            labels={"figure": "4.2 estimators"},
        ),
        findings="<results>/findings/estimators.json",
    log:
        "<logs>/draw/estimators.log",
    benchmark:
        "<benchmarks>/draw/estimators.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=30,
        gpu=GPUS,
    params:
        *drawn("estimators"),
        settings=SETTINGS,
    shell:
        "python -m threefactor draw estimators --config {params.settings} > {log} 2>&1"
