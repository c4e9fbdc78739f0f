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


rule draw_search:
    """Draw what the search for each rule cost: scores on held-out networks, and the trials that derivatives save."""
    input:
        searches="<results>/metalearning_report/searches.csv",
        savings="<results>/metalearning_report/savings.csv",
    output:
        figure=report(
            "<results>/figures/search.svg",
            caption=f"{STAGES}/metalearning_report/figures/search.rst",
            category="1. Meta-learning plasticity rules",
            labels={"figure": "1.1 search"},
        ),
        findings="<results>/findings/search.json",
    log:
        "<logs>/draw/search.log",
    benchmark:
        "<benchmarks>/draw/search.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=30,
        gpu=GPUS,
    params:
        *drawn("search"),
        settings=SETTINGS,
    shell:
        "python -m threefactor draw search --config {params.settings} > {log} 2>&1"
