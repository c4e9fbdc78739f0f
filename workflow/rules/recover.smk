"""Known-rule recovery: one job over all hidden rules."""


rule recover:
    """Hide rules in networks that learn by them, and find them again."""
    input:
        unpack(inputs("recover")),
    output:
        **outputs("recover"),
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
        *depends("recover"),
        settings=SETTINGS,
    shell:
        "python -m threefactor recover --config {params.settings} > {log} 2>&1"
