"""Train a batch of fresh networks to the criterion under one learning rule.  Written by `python -m threefactor.pipeline.workflow` from the stage's spec."""


rule retrain:
    """Train a batch of fresh networks to the criterion under one learning rule."""
    input:
        theta=gather("metalearn/{learned_rule}/theta.csv", "retrain", "theta"),
        hyperparameters=gather("metalearn/{learned_rule}/hyperparameters.csv", "retrain", "hyperparameters"),
    output:
        solutions="<results>/retrain/{learning_rule}/{batch}.safetensors",
        networks="<results>/retrain/{learning_rule}/{batch}.csv",
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


rule draw_learning_curves:
    """Draw error and accuracy during training."""
    input:
        solutions=gather_for_figure(
            "retrain/{learning_rule}/{batch}.safetensors", "learning_curves", "solutions"
        ),
    output:
        figure=report(
            "<results>/figures/learning_curves.svg",
            caption="../../src/threefactor/stages/retrain/figures/learning_curves.rst",
            category="5. Different plasticity rules result in different representations and learning dynamics",
            labels={"figure": "5.0 learning curves"},
        ),
        findings="<results>/findings/learning_curves.json",
    log:
        "<logs>/draw/learning_curves.log",
    benchmark:
        "<benchmarks>/draw/learning_curves.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=30,
        gpu=GPUS,
    params:
        *drawn("learning_curves"),
        settings=SETTINGS,
    shell:
        "python -m threefactor draw learning_curves --config {params.settings} > {log} 2>&1"
