"""Learn the coefficients θ of a rule by tangents through learning.  Written by `python -m threefactor.pipeline.workflow` from the stage's spec."""


rule metalearn:
    """Learn the coefficients θ of a rule by tangents through learning."""
    output:
        theta="<results>/metalearn/{learned_rule}/theta.csv",
        hyperparameters="<results>/metalearn/{learned_rule}/hyperparameters.csv",
        history="<results>/metalearn/{learned_rule}/history.csv",
        held_out="<results>/metalearn/{learned_rule}/held_out.csv",
        gradients="<results>/metalearn/{learned_rule}/gradients.safetensors",
    log:
        "<logs>/metalearn/{learned_rule}.log",
    benchmark:
        "<benchmarks>/metalearn/{learned_rule}.tsv"
    priority: 10
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=240,
        gpu=GPUS,
    params:
        *shared("metalearn"),
        own=own("metalearn"),
        settings=SETTINGS,
    shell:
        "python -m threefactor metalearn --config {params.settings} --learned-rule {wildcards.learned_rule} > {log} 2>&1"
