"""Analysis: one job over all networks."""


rule analyse:
    """Describe and compare the trained networks."""
    input:
        unpack(inputs("analyse")),
    output:
        **outputs("analyse"),
    log:
        "<logs>/analyse/analyse.log",
    benchmark:
        "<benchmarks>/analyse/analyse.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=8000,
        runtime=240,
        gpu=GPUS,
    params:
        *depends("analyse"),
        settings=SETTINGS,
    shell:
        "python -m threefactor analyse --config {params.settings} > {log} 2>&1"
