"""Rules under other settings: one job a condition, learning rule and batch of networks."""


rule transfer:
    """Train a batch of fresh networks under one learning rule and one condition."""
    input:
        unpack(inputs("transfer")),
    output:
        **outputs("transfer"),
    log:
        "<logs>/transfer/{condition}/{learning_rule}/{batch}.log",
    benchmark:
        "<benchmarks>/transfer/{condition}/{learning_rule}/{batch}.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=240,
        gpu=GPUS,
    params:
        *depends("transfer"),
        chosen=chosen("transfer"),
        settings=SETTINGS,
    shell:
        "python -m threefactor transfer --config {params.settings} --condition {wildcards.condition} --learning-rule {wildcards.learning_rule} --batch {wildcards.batch} > {log} 2>&1"
