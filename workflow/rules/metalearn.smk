"""Learn the coefficients θ of a rule by tangents through learning.  Written by `python -m threefactor.pipeline.workflow` from the stage's spec."""


rule metalearn:
    """Learn the coefficients θ of a rule by tangents through learning."""
    output:
        theta="<results>/metalearn/{learned_rule}/theta.csv",
        hyperparameters="<results>/metalearn/{learned_rule}/hyperparameters.csv",
        history="<results>/metalearn/{learned_rule}/history.csv",
        held_out="<results>/metalearn/{learned_rule}/held_out.csv",
        gradients="<results>/metalearn/{learned_rule}/gradients.safetensors",
        conditions="<results>/metalearn/{learned_rule}/conditions.csv",
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


rule draw_meta_learning:
    """Draw the outer loop: objective, score on held-out networks, meta-gradient and coefficients along the steps."""
    input:
        history=gather_for_figure("metalearn/{learned_rule}/history.csv", "meta_learning", "history"),
        held_out=gather_for_figure("metalearn/{learned_rule}/held_out.csv", "meta_learning", "held_out"),
    output:
        figure=report(
            "<results>/figures/meta_learning.svg",
            caption=f"{STAGES}/metalearn/figures/meta_learning.rst",
            category="1. Meta-learning plasticity rules",
            labels={"figure": "1.0 meta learning"},
        ),
        findings="<results>/findings/meta_learning.json",
    log:
        "<logs>/draw/meta_learning.log",
    benchmark:
        "<benchmarks>/draw/meta_learning.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=30,
        gpu=GPUS,
    params:
        *drawn("meta_learning"),
        settings=SETTINGS,
    shell:
        "python -m threefactor draw meta_learning --config {params.settings} > {log} 2>&1"


rule draw_learned_rules:
    """Draw the learned rules: their coefficients, and the functions of rate and deviation that these define."""
    input:
        theta=gather_for_figure("metalearn/{learned_rule}/theta.csv", "learned_rules", "theta"),
    output:
        figure=report(
            "<results>/figures/learned_rules.svg",
            caption=f"{STAGES}/metalearn/figures/learned_rules.rst",
            category="2. Discovering three-factor rules",
            labels={"figure": "2.0 learned rules"},
        ),
        findings="<results>/findings/learned_rules.json",
    log:
        "<logs>/draw/learned_rules.log",
    benchmark:
        "<benchmarks>/draw/learned_rules.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=30,
        gpu=GPUS,
    params:
        *drawn("learned_rules"),
        settings=SETTINGS,
    shell:
        "python -m threefactor draw learned_rules --config {params.settings} > {log} 2>&1"
