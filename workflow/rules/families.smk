"""Tell which learned rules are functionally distinct: scores, distances, subspace of their tangents.  Written by `python -m threefactor.pipeline.workflow` from the stage's spec."""


rule families:
    """Tell which learned rules are functionally distinct: scores, distances, subspace of their tangents."""
    input:
        theta=gather("metalearn/{learned_rule}/theta.csv", "families", "theta"),
        hyperparameters=gather("metalearn/{learned_rule}/hyperparameters.csv", "families", "hyperparameters"),
    output:
        rules="<results>/families/rules.csv",
        distances="<results>/families/distances.csv",
        visited="<results>/families/visited.csv",
        rank="<results>/families/rank.csv",
    log:
        "<logs>/families/families.log",
    benchmark:
        "<benchmarks>/families/families.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=240,
        gpu=GPUS,
    params:
        *shared("families"),
        own=own("families"),
        settings=SETTINGS,
    shell:
        "python -m threefactor families --config {params.settings} > {log} 2>&1"


rule draw_families:
    """Draw which learned rules are functionally distinct: distances, scores, ranks of tangents, and functions."""
    input:
        rules="<results>/families/rules.csv",
        distances="<results>/families/distances.csv",
        rank="<results>/families/rank.csv",
        theta=gather_for_figure("metalearn/{learned_rule}/theta.csv", "families", "theta"),
    output:
        figure=report(
            "<results>/figures/families.svg",
            caption=f"{STAGES}/families/figures/families.rst",
            category="2. Discovering three-factor rules",
            labels={"figure": "2.2 families"},
        ),
        findings="<results>/findings/families.json",
    log:
        "<logs>/draw/families.log",
    benchmark:
        "<benchmarks>/draw/families.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=30,
        gpu=GPUS,
    params:
        *drawn("families"),
        settings=SETTINGS,
    shell:
        "python -m threefactor draw families --config {params.settings} > {log} 2>&1"
