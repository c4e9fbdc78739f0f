"""Alignment with the gradient: one job a learning rule and batch of networks."""


rule align:
    """Compare expected updates with the gradient by BPTT along training."""
    input:
        unpack(inputs("align")),
    output:
        **outputs("align"),
    log:
        "<logs>/align/{learning_rule}/{batch}.log",
    benchmark:
        "<benchmarks>/align/{learning_rule}/{batch}.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=120,
        gpu=GPUS,
    params:
        *depends("align"),
        chosen=chosen("align"),
        settings=SETTINGS,
    shell:
        "python -m threefactor align --config {params.settings} --learning-rule {wildcards.learning_rule} --batch {wildcards.batch} > {log} 2>&1"
