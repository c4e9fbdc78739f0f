"""Compare expected updates with the gradient by BPTT along training.  Written by `python -m threefactor.pipeline.workflow` from the stage's spec."""


rule align:
    """Compare expected updates with the gradient by BPTT along training."""
    input:
        solutions="<results>/retrain/{learning_rule}/{batch}.safetensors",
        theta=gather("metalearn/{learned_rule}/theta.csv", "align", "theta"),
        hyperparameters=gather("metalearn/{learned_rule}/hyperparameters.csv", "align", "hyperparameters"),
        tuned=gather("tune/{tuned_rule}/tuned.csv", "align", "tuned"),
    output:
        alignment="<results>/align/{learning_rule}/{batch}.csv",
        similarity="<results>/align/{learning_rule}/{batch}.similarity.csv",
        descent="<results>/align/{learning_rule}/{batch}.descent.csv",
    log:
        "<logs>/align/{learning_rule}/{batch}.log",
    benchmark:
        "<benchmarks>/align/{learning_rule}/{batch}.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=120,
        gpu=GPUS,
    params:
        *shared("align"),
        own=own("align"),
        settings=SETTINGS,
    shell:
        "python -m threefactor align --config {params.settings} --learning-rule {wildcards.learning_rule} --batch {wildcards.batch} > {log} 2>&1"


rule draw_gradient_alignment:
    """Draw how well rules follow the gradient, and that beside their speed."""
    input:
        alignment=gather_for_figure("align/{learning_rule}/{batch}.csv", "gradient_alignment", "alignment"),
        criterion="<results>/compare_learning/criterion.csv",
    output:
        figure=report(
            "<results>/figures/gradient_alignment.svg",
            caption=f"{STAGES}/align/figures/gradient_alignment.rst",
            category="4. Subspace-sensitivities provide accurate gradient information",
            labels={"figure": "4.3 gradient alignment"},
        ),
        findings="<results>/findings/gradient_alignment.json",
    log:
        "<logs>/draw/gradient_alignment.log",
    benchmark:
        "<benchmarks>/draw/gradient_alignment.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=30,
        gpu=GPUS,
    params:
        *drawn("gradient_alignment"),
        settings=SETTINGS,
    shell:
        "python -m threefactor draw gradient_alignment --config {params.settings} > {log} 2>&1"


rule draw_rule_alignments:
    """Draw rules against each other, and how much of the gradient the best polynomial rule can follow."""
    input:
        alignment=gather_for_figure("align/{learning_rule}/{batch}.csv", "rule_alignments", "alignment"),
        similarity=gather_for_figure(
            "align/{learning_rule}/{batch}.similarity.csv", "rule_alignments", "similarity"
        ),
    output:
        figure=report(
            "<results>/figures/rule_alignments.svg",
            caption=f"{STAGES}/align/figures/rule_alignments.rst",
            category="4. Subspace-sensitivities provide accurate gradient information",
            labels={"figure": "4.4 rule alignments"},
        ),
        findings="<results>/findings/rule_alignments.json",
    log:
        "<logs>/draw/rule_alignments.log",
    benchmark:
        "<benchmarks>/draw/rule_alignments.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=30,
        gpu=GPUS,
    params:
        *drawn("rule_alignments"),
        settings=SETTINGS,
    shell:
        "python -m threefactor draw rule_alignments --config {params.settings} > {log} 2>&1"


rule draw_descent:
    """Draw what steps along expected updates change, and how far the gradient predicts it."""
    input:
        descent=gather_for_figure("align/{learning_rule}/{batch}.descent.csv", "descent", "descent"),
        alignment=gather_for_figure("align/{learning_rule}/{batch}.csv", "descent", "alignment"),
    output:
        figure=report(
            "<results>/figures/descent.svg",
            caption=f"{STAGES}/align/figures/descent.rst",
            category="4. Subspace-sensitivities provide accurate gradient information",
            labels={"figure": "4.5 descent"},
        ),
        findings="<results>/findings/descent.json",
    log:
        "<logs>/draw/descent.log",
    benchmark:
        "<benchmarks>/draw/descent.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=30,
        gpu=GPUS,
    params:
        *drawn("descent"),
        settings=SETTINGS,
    shell:
        "python -m threefactor draw descent --config {params.settings} > {log} 2>&1"
