"""Measure what each term of a learned rule contributes, and the path from dense to sparse.  Written by `python -m threefactor.pipeline.workflow` from the stage's spec."""


rule prune:
    """Measure what each term of a learned rule contributes, and the path from dense to sparse."""
    input:
        theta="<results>/metalearn/{learned_rule}/theta.csv",
        hyperparameters="<results>/metalearn/{learned_rule}/hyperparameters.csv",
    output:
        path="<results>/prune/{learned_rule}/path.csv",
        contributions="<results>/prune/{learned_rule}/contributions.csv",
    log:
        "<logs>/prune/{learned_rule}.log",
    benchmark:
        "<benchmarks>/prune/{learned_rule}.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=240,
        gpu=GPUS,
    params:
        *shared("prune"),
        own=own("prune"),
        settings=SETTINGS,
    shell:
        "python -m threefactor prune --config {params.settings} --learned-rule {wildcards.learned_rule} > {log} 2>&1"


rule draw_sparsity:
    """Draw what each term of the pruned rules contributes, and the path from dense to sparse."""
    input:
        path=gather_for_figure("prune/{learned_rule}/path.csv", "sparsity", "path"),
        contributions=gather_for_figure("prune/{learned_rule}/contributions.csv", "sparsity", "contributions"),
    output:
        figure=report(
            "<results>/figures/sparsity.svg",
            caption=f"{STAGES}/prune/figures/sparsity.rst",
            category="2. Discovering three-factor rules",
            labels={"figure": "2.1 sparsity"},
        ),
        findings="<results>/findings/sparsity.json",
    log:
        "<logs>/draw/sparsity.log",
    benchmark:
        "<benchmarks>/draw/sparsity.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=30,
        gpu=GPUS,
    params:
        *drawn("sparsity"),
        settings=SETTINGS,
    shell:
        "python -m threefactor draw sparsity --config {params.settings} > {log} 2>&1"
