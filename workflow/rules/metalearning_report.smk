"""Measure what finding the learned rules cost, beside evolution.  Written by `python -m threefactor.pipeline.workflow` from the stage's spec."""


rule metalearning_report:
    """Measure what finding the learned rules cost, beside evolution."""
    input:
        held_out=gather("metalearn/{learned_rule}/held_out.csv", "metalearning_report", "held_out"),
    output:
        searches="<results>/metalearning_report/searches.csv",
        savings="<results>/metalearning_report/savings.csv",
    log:
        "<logs>/metalearning_report/metalearning_report.log",
    benchmark:
        "<benchmarks>/metalearning_report/metalearning_report.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=60,
        gpu=GPUS,
    params:
        *shared("metalearning_report"),
        own=own("metalearning_report"),
        settings=SETTINGS,
    shell:
        "python -m threefactor metalearning_report --config {params.settings} > {log} 2>&1"
