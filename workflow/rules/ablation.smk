"""Leave terms out of the meta-gradient, one at a time, and measure what is lost.  Written by `python -m threefactor.pipeline.workflow` from the stage's spec."""


rule ablation:
    """Leave terms out of the meta-gradient, one at a time, and measure what is lost."""
    input:
        theta=gather("metalearn/{learned_rule}/theta.csv", "ablation", "theta"),
        hyperparameters=gather("metalearn/{learned_rule}/hyperparameters.csv", "ablation", "hyperparameters"),
    output:
        ablation="<results>/ablation/ablation.csv",
    log:
        "<logs>/ablation/ablation.log",
    benchmark:
        "<benchmarks>/ablation/ablation.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=60,
        gpu=GPUS,
    params:
        *shared("ablation"),
        own=own("ablation"),
        settings=SETTINGS,
    shell:
        "python -m threefactor ablation --config {params.settings} > {log} 2>&1"


rule draw_ablation:
    """Draw what the meta-gradient loses by each term that is left out of it, and by truncation."""
    input:
        ablation="<results>/ablation/ablation.csv",
    output:
        figure=report(
            "<results>/figures/ablation.svg",
            caption=f"{STAGES}/ablation/figures/ablation.rst",
            category="4. Subspace-sensitivities provide accurate gradient information",
            labels={"figure": "4.1 ablation"},
        ),
        findings="<results>/findings/ablation.json",
    log:
        "<logs>/draw/ablation.log",
    benchmark:
        "<benchmarks>/draw/ablation.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=30,
        gpu=GPUS,
    params:
        *drawn("ablation"),
        settings=SETTINGS,
    shell:
        "python -m threefactor draw ablation --config {params.settings} > {log} 2>&1"
