"""Compare how fast, how far and how stably networks learn by each rule.  Written by `python -m threefactor.pipeline.workflow` from the stage's spec."""


rule compare_learning:
    """Compare how fast, how far and how stably networks learn by each rule."""
    input:
        networks=gather("retrain/{learning_rule}/{batch}.csv", "compare_learning", "networks"),
        levels=gather("retrain/{learning_rule}/{batch}.levels.csv", "compare_learning", "levels"),
        evaluations=gather(
            "retrain/{learning_rule}/{batch}.evaluations.csv", "compare_learning", "evaluations"
        ),
        generalised=gather("generalise/{learning_rule}/{batch}.csv", "compare_learning", "generalised"),
        tuned=gather("tune/{tuned_rule}/tuned.csv", "compare_learning", "tuned"),
    output:
        criterion="<results>/compare_learning/criterion.csv",
        survival="<results>/compare_learning/survival.csv",
        levels="<results>/compare_learning/levels.csv",
        levels_by_gain="<results>/compare_learning/levels_by_gain.csv",
        level_survival="<results>/compare_learning/level_survival.csv",
        along="<results>/compare_learning/along.csv",
        endings="<results>/compare_learning/endings.csv",
        generalisation="<results>/compare_learning/generalisation.csv",
        table=report(
            "<results>/compare_learning/rules.html",
            caption=f"{STAGES}/compare_learning/figures/levels.rst",
            category="5. Different plasticity rules result in different representations and learning dynamics",
            labels={"figure": "5.1 levels, table"},
        ),
    log:
        "<logs>/compare_learning/compare_learning.log",
    benchmark:
        "<benchmarks>/compare_learning/compare_learning.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=60,
        gpu=GPUS,
    params:
        *shared("compare_learning"),
        own=own("compare_learning"),
        settings=SETTINGS,
    shell:
        "python -m threefactor compare_learning --config {params.settings} > {log} 2>&1"


rule draw_learning_speed:
    """Draw how soon fresh networks learn under every rule."""
    input:
        survival="<results>/compare_learning/survival.csv",
        criterion="<results>/compare_learning/criterion.csv",
    output:
        figure=report(
            "<results>/figures/learning_speed.svg",
            caption=f"{STAGES}/compare_learning/figures/learning_speed.rst",
            category="2. Discovering three-factor rules",
            labels={"figure": "2.3 learning speed"},
        ),
        findings="<results>/findings/learning_speed.json",
    log:
        "<logs>/draw/learning_speed.log",
    benchmark:
        "<benchmarks>/draw/learning_speed.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=30,
        gpu=GPUS,
    params:
        *drawn("learning_speed"),
        settings=SETTINGS,
    shell:
        "python -m threefactor draw learning_speed --config {params.settings} > {log} 2>&1"


rule draw_learning_curves:
    """Draw how networks learn under every rule, to the end of learning."""
    input:
        along="<results>/compare_learning/along.csv",
        endings="<results>/compare_learning/endings.csv",
    output:
        figure=report(
            "<results>/figures/learning_curves.svg",
            caption=f"{STAGES}/compare_learning/figures/learning_curves.rst",
            category="5. Different plasticity rules result in different representations and learning dynamics",
            labels={"figure": "5.0 learning curves"},
        ),
        findings="<results>/findings/learning_curves.json",
    log:
        "<logs>/draw/learning_curves.log",
    benchmark:
        "<benchmarks>/draw/learning_curves.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=30,
        gpu=GPUS,
    params:
        *drawn("learning_curves"),
        settings=SETTINGS,
    shell:
        "python -m threefactor draw learning_curves --config {params.settings} > {log} 2>&1"


rule draw_levels:
    """Draw how soon networks are at each level of noise-free error, whether they stay there, and where they end."""
    input:
        levels="<results>/compare_learning/levels.csv",
        endings="<results>/compare_learning/endings.csv",
    output:
        figure=report(
            "<results>/figures/levels.svg",
            caption=f"{STAGES}/compare_learning/figures/levels.rst",
            category="5. Different plasticity rules result in different representations and learning dynamics",
            labels={"figure": "5.1 levels"},
        ),
        findings="<results>/findings/levels.json",
    log:
        "<logs>/draw/levels.log",
    benchmark:
        "<benchmarks>/draw/levels.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=30,
        gpu=GPUS,
    params:
        *drawn("levels"),
        settings=SETTINGS,
    shell:
        "python -m threefactor draw levels --config {params.settings} > {log} 2>&1"


rule draw_generalisation:
    """Draw what networks do beyond what they were trained on, how they differ there, and what they bring to the next task."""
    input:
        generalisation="<results>/compare_learning/generalisation.csv",
    output:
        figure=report(
            "<results>/figures/generalisation.svg",
            caption=f"{STAGES}/compare_learning/figures/generalisation.rst",
            category="5. Different plasticity rules result in different representations and learning dynamics",
            labels={"figure": "5.7 generalisation"},
        ),
        findings="<results>/findings/generalisation.json",
    log:
        "<logs>/draw/generalisation.log",
    benchmark:
        "<benchmarks>/draw/generalisation.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=30,
        gpu=GPUS,
    params:
        *drawn("generalisation"),
        settings=SETTINGS,
    shell:
        "python -m threefactor draw generalisation --config {params.settings} > {log} 2>&1"


rule draw_gains:
    """Draw how the gain of the initial weights changes how soon networks are at each level."""
    input:
        levels_by_gain="<results>/compare_learning/levels_by_gain.csv",
    output:
        figure=report(
            "<results>/figures/gains.svg",
            caption=f"{STAGES}/compare_learning/figures/gains.rst",
            category="5. Different plasticity rules result in different representations and learning dynamics",
            labels={"figure": "5.8 gains"},
        ),
        findings="<results>/findings/gains.json",
    log:
        "<logs>/draw/gains.log",
    benchmark:
        "<benchmarks>/draw/gains.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=30,
        gpu=GPUS,
    params:
        *drawn("gains"),
        settings=SETTINGS,
    shell:
        "python -m threefactor draw gains --config {params.settings} > {log} 2>&1"
