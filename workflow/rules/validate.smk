"""Compare tangents with reverse mode, complex step and differences.  Written by `python -m threefactor.pipeline.workflow` from the stage's spec."""


rule validate:
    """Compare tangents with reverse mode, complex step and differences."""
    input:
        theta=gather("metalearn/{learned_rule}/theta.csv", "validate", "theta"),
        hyperparameters=gather("metalearn/{learned_rule}/hyperparameters.csv", "validate", "hyperparameters"),
    output:
        accuracy="<results>/validate/accuracy.csv",
        growth="<results>/validate/growth.csv",
    log:
        "<logs>/validate/validate.log",
    benchmark:
        "<benchmarks>/validate/validate.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=60,
        gpu=GPUS,
    params:
        *shared("validate"),
        own=own("validate"),
        settings=SETTINGS,
    shell:
        "python -m threefactor validate --config {params.settings} > {log} 2>&1"


rule draw_tangent_accuracy:
    """Draw the error of tangents and of differences, by step size, gain and rule, beside what makes both grow."""
    input:
        accuracy="<results>/validate/accuracy.csv",
        growth="<results>/validate/growth.csv",
    output:
        figure=report(
            "<results>/figures/tangent_accuracy.svg",
            caption=f"{STAGES}/validate/figures/tangent_accuracy.rst",
            category="4. Subspace-sensitivities provide accurate gradient information",
            labels={"figure": "4.0 tangent accuracy"},
        ),
        findings="<results>/findings/tangent_accuracy.json",
    log:
        "<logs>/draw/tangent_accuracy.log",
    benchmark:
        "<benchmarks>/draw/tangent_accuracy.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=30,
        gpu=GPUS,
    params:
        *drawn("tangent_accuracy"),
        settings=SETTINGS,
    shell:
        "python -m threefactor draw tangent_accuracy --config {params.settings} > {log} 2>&1"
