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
