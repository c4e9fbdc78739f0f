"""Validation of the tangents: one job."""


rule validate:
    """Hold tangents against reverse mode, complex step and differences."""
    input:
        unpack(inputs("validate")),
    output:
        **outputs("validate"),
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
        *depends("validate"),
        settings=SETTINGS,
    shell:
        "python -m threefactor validate --config {params.settings} > {log} 2>&1"
