"""What the meta-gradient loses by what is left out of it: one job."""


rule ablate:
    """Leave terms out of the meta-gradient, one at a time."""
    input:
        unpack(inputs("ablate")),
    output:
        **outputs("ablate"),
    log:
        "<logs>/ablate/ablate.log",
    benchmark:
        "<benchmarks>/ablate/ablate.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=60,
        gpu=GPUS,
    params:
        *depends("ablate"),
        settings=SETTINGS,
    shell:
        "python -m threefactor ablate --config {params.settings} > {log} 2>&1"
