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
