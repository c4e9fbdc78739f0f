"""Find out how far apart networks can be at equal error, and seem to be by noise.  Written by `python -m threefactor.pipeline.workflow` from the stage's spec."""


rule null_models:
    """Find out how far apart networks can be at equal error, and seem to be by noise."""
    input:
        solutions="<results>/retrain/{learning_rule}/{batch}.safetensors",
        networks="<results>/analyse/{learning_rule}/{batch}.csv",
    output:
        networks="<results>/null_models/{learning_rule}/{batch}.csv",
        weights="<results>/null_models/{learning_rule}/{batch}.safetensors",
    log:
        "<logs>/null_models/{learning_rule}/{batch}.log",
    benchmark:
        "<benchmarks>/null_models/{learning_rule}/{batch}.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=240,
        gpu=GPUS,
    params:
        *shared("null_models"),
        own=own("null_models"),
        settings=SETTINGS,
    shell:
        "python -m threefactor null_models --config {params.settings} --learning-rule {wildcards.learning_rule} --batch {wildcards.batch} > {log} 2>&1"
