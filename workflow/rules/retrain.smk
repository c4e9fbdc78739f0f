"""Train a batch of fresh networks under one learning rule, to every level of error and on to a horizon.  Written by `python -m threefactor.pipeline.workflow` from the stage's spec."""


rule retrain:
    """Train a batch of fresh networks under one learning rule, to every level of error and on to a horizon."""
    input:
        theta=gather("metalearn/{learned_rule}/theta.csv", "retrain", "theta"),
        hyperparameters=gather("metalearn/{learned_rule}/hyperparameters.csv", "retrain", "hyperparameters"),
        tuned=gather("tune/{tuned_rule}/tuned.csv", "retrain", "tuned"),
    output:
        solutions="<results>/retrain/{learning_rule}/{batch}.safetensors",
        networks="<results>/retrain/{learning_rule}/{batch}.csv",
        levels="<results>/retrain/{learning_rule}/{batch}.levels.csv",
        evaluations="<results>/retrain/{learning_rule}/{batch}.evaluations.csv",
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
        *shared("retrain"),
        own=own("retrain"),
        settings=SETTINGS,
    shell:
        "python -m threefactor retrain --config {params.settings} --learning-rule {wildcards.learning_rule} --batch {wildcards.batch} > {log} 2>&1"
