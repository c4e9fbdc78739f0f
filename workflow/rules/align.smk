"""Compare expected updates with the gradient by BPTT along training.  Written by `python -m threefactor.pipeline.workflow` from the stage's spec."""


rule align:
    """Compare expected updates with the gradient by BPTT along training."""
    input:
        solutions="<results>/retrain/{learning_rule}/{batch}.safetensors",
        theta=gather("metalearn/{learned_rule}/theta.csv", "align", "theta"),
        hyperparameters=gather("metalearn/{learned_rule}/hyperparameters.csv", "align", "hyperparameters"),
    output:
        alignment="<results>/align/{learning_rule}/{batch}.csv",
        similarity="<results>/align/{learning_rule}/{batch}.similarity.csv",
        descent="<results>/align/{learning_rule}/{batch}.descent.csv",
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
        *shared("align"),
        own=own("align"),
        settings=SETTINGS,
    shell:
        "python -m threefactor align --config {params.settings} --learning-rule {wildcards.learning_rule} --batch {wildcards.batch} > {log} 2>&1"
