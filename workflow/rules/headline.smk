"""Gather the headline numbers.  Written by `python -m threefactor.pipeline.workflow` from the stage's spec."""


rule headline:
    """Gather the headline numbers."""
    input:
        theta=gather("metalearn/{learned_rule}/theta.csv", "headline", "theta"),
        history=gather("metalearn/{learned_rule}/history.csv", "headline", "history"),
        accuracy="<results>/validate/accuracy.csv",
        alignment=gather("align/{learning_rule}/{batch}.csv", "headline", "alignment"),
        spread="<results>/compare_solutions/spread.csv",
        tests="<results>/compare_solutions/tests.csv",
        levels="<results>/compare_learning/levels.csv",
        endings="<results>/compare_learning/endings.csv",
        criterion="<results>/compare_learning/criterion.csv",
    output:
        summary="<results>/summary.json",
    log:
        "<logs>/headline/headline.log",
    benchmark:
        "<benchmarks>/headline/headline.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=60,
        gpu=GPUS,
    params:
        *shared("headline"),
        own=own("headline"),
        settings=SETTINGS,
    shell:
        "python -m threefactor headline --config {params.settings} > {log} 2>&1"
