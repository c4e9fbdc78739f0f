"""Let fresh networks learn by a learned rule, or by a hand-made rival of it.  Written by `python -m threefactor.pipeline.workflow` from the stage's spec."""


rule judge:
    """Let fresh networks learn by a learned rule, or by a hand-made rival of it."""
    input:
        theta=gather("metalearn/{learned_rule}/theta.csv", "judge", "theta"),
        hyperparameters=gather("metalearn/{learned_rule}/hyperparameters.csv", "judge", "hyperparameters"),
        rival_theta=gather("rivals/{family}.theta.csv", "judge", "rival_theta"),
        rival_constants=gather("rivals/{family}.constants.csv", "judge", "rival_constants"),
    output:
        networks="<results>/judge/{judged}.csv",
        levels="<results>/judge/{judged}.levels.csv",
    log:
        "<logs>/judge/{judged}.log",
    benchmark:
        "<benchmarks>/judge/{judged}.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=240,
        gpu=GPUS,
    params:
        *shared("judge"),
        own=own("judge"),
        settings=SETTINGS,
    shell:
        "python -m threefactor judge --config {params.settings} --judged {wildcards.judged} > {log} 2>&1"
