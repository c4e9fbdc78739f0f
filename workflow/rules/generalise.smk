"""Measure what trained networks do under conditions that they never met, and on the next task.  Written by `python -m threefactor.pipeline.workflow` from the stage's spec."""


rule generalise:
    """Measure what trained networks do under conditions that they never met, and on the next task."""
    input:
        solutions="<results>/retrain/{learning_rule}/{batch}.safetensors",
        theta=gather("metalearn/{learned_rule}/theta.csv", "generalise", "theta"),
        hyperparameters=gather(
            "metalearn/{learned_rule}/hyperparameters.csv", "generalise", "hyperparameters"
        ),
        tuned=gather("tune/{tuned_rule}/tuned.csv", "generalise", "tuned"),
    output:
        networks="<results>/generalise/{learning_rule}/{batch}.csv",
    log:
        "<logs>/generalise/{learning_rule}/{batch}.log",
    benchmark:
        "<benchmarks>/generalise/{learning_rule}/{batch}.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=60,
        gpu=GPUS,
    params:
        *shared("generalise"),
        own=own("generalise"),
        settings=SETTINGS,
    shell:
        "python -m threefactor generalise --config {params.settings} --learning-rule {wildcards.learning_rule} --batch {wildcards.batch} > {log} 2>&1"
