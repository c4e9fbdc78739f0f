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
        table=report(
            "<results>/compare_conditions/table.html",
            caption=f"{STAGES}/compare_conditions/figures/transfer.rst",
            category="2. Discovering three-factor rules",
            labels={"figure": "2.4 transfer, table"},
        ),
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


rule draw_transfer:
    """Draw the learning rules under every condition: ratios to theta_33, the gap closed, and learning over trials."""
    input:
        rules="<results>/compare_conditions/rules.csv",
        pairs="<results>/compare_conditions/pairs.csv",
        waiting="<results>/compare_conditions/waiting.csv",
        published="<results>/compare_conditions/published.csv",
    output:
        figure=report(
            "<results>/figures/transfer.svg",
            caption=f"{STAGES}/compare_conditions/figures/transfer.rst",
            category="2. Discovering three-factor rules",
            labels={"figure": "2.4 transfer"},
        ),
        findings="<results>/findings/transfer.json",
    log:
        "<logs>/draw/transfer.log",
    benchmark:
        "<benchmarks>/draw/transfer.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=30,
        gpu=GPUS,
    params:
        *drawn("transfer"),
        settings=SETTINGS,
    shell:
        "python -m threefactor draw transfer --config {params.settings} > {log} 2>&1"
