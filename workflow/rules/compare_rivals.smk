"""Compare a learned rule with the best hand-made ones on fresh networks.  Written by `python -m threefactor.pipeline.workflow` from the stage's spec."""


rule compare_rivals:
    """Compare a learned rule with the best hand-made ones on fresh networks."""
    input:
        rivals=gather("rivals/{family}.csv", "compare_rivals", "rivals"),
        networks=gather("judge/{judged}.csv", "compare_rivals", "networks"),
        levels=gather("judge/{judged}.levels.csv", "compare_rivals", "levels"),
    output:
        judged="<results>/compare_rivals/judged.csv",
    log:
        "<logs>/compare_rivals/compare_rivals.log",
    benchmark:
        "<benchmarks>/compare_rivals/compare_rivals.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=60,
        gpu=GPUS,
    params:
        *shared("compare_rivals"),
        own=own("compare_rivals"),
        settings=SETTINGS,
    shell:
        "python -m threefactor compare_rivals --config {params.settings} > {log} 2>&1"


rule draw_rivals:
    """Draw whether a learned rule beats the best hand-made ones on fresh networks."""
    input:
        judged="<results>/compare_rivals/judged.csv",
    output:
        figure=report(
            "<results>/figures/rivals.svg",
            caption=f"{STAGES}/compare_rivals/figures/rivals.rst",
            category="2. Discovering three-factor rules",
            labels={"figure": "2.6 rivals"},
        ),
        findings="<results>/findings/rivals.json",
    log:
        "<logs>/draw/rivals.log",
    benchmark:
        "<benchmarks>/draw/rivals.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=30,
        gpu=GPUS,
    params:
        *drawn("rivals"),
        settings=SETTINGS,
    shell:
        "python -m threefactor draw rivals --config {params.settings} > {log} 2>&1"
