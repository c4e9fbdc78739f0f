"""Retraining: one job a learning rule and batch of networks."""


rule retrain:
    """Train a batch of fresh networks to the criterion under one learning rule."""
    input:
        unpack(inputs("retrain")),
    output:
        **outputs("retrain"),
    log:
        "<logs>/retrain/{learning_rule}/{batch}.log",
    benchmark:
        "<benchmarks>/retrain/{learning_rule}/{batch}.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=240,
        gpu=GPUS,
    params:
        *depends("retrain"),
        chosen=chosen("retrain"),
        settings=SETTINGS,
    shell:
        "python -m threefactor retrain --config {params.settings} --learning-rule {wildcards.learning_rule} --batch {wildcards.batch} > {log} 2>&1"
