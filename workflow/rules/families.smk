"""Families of learned rules: one job over all of them."""


rule families:
    """Tell which learned rules are really different: scores, distances, span of their tangents."""
    input:
        unpack(inputs("families")),
    output:
        **outputs("families"),
    log:
        "<logs>/families/families.log",
    benchmark:
        "<benchmarks>/families/families.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=240,
        gpu=GPUS,
    params:
        *depends("families"),
        chosen=chosen("families"),
        settings=SETTINGS,
    shell:
        "python -m threefactor families --config {params.settings} > {log} 2>&1"
