"""Compare the learning rules under every condition.  Written by `python -m threefactor.pipeline.workflow` from the stage's spec."""


rule compare_conditions:
    """Compare the learning rules under every condition."""
    input:
        networks=gather("transfer/{condition}/{learning_rule}/{batch}.csv", "compare_conditions", "networks"),
    output:
        rules="<results>/compare_conditions/rules.csv",
        pairs="<results>/compare_conditions/pairs.csv",
        waiting="<results>/compare_conditions/waiting.csv",
        published="<results>/compare_conditions/published.csv",
        table="<results>/compare_conditions/table.html",
    log:
        "<logs>/compare_conditions/compare_conditions.log",
    benchmark:
        "<benchmarks>/compare_conditions/compare_conditions.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=60,
        gpu=GPUS,
    params:
        *shared("compare_conditions"),
        own=own("compare_conditions"),
        settings=SETTINGS,
    shell:
        "python -m threefactor compare_conditions --config {params.settings} > {log} 2>&1"
