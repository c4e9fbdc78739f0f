"""Compare the solutions of all learning rules at equal error, beside null models.  Written by `python -m threefactor.pipeline.workflow` from the stage's spec."""


rule compare_solutions:
    """Compare the solutions of all learning rules at equal error, beside null models."""
    input:
        networks=gather("analyse/{learning_rule}/{batch}.csv", "compare_solutions", "networks"),
        fixed_points=gather(
            "analyse/{learning_rule}/{batch}.fixed_points.csv", "compare_solutions", "fixed_points"
        ),
        representations=gather(
            "analyse/{learning_rule}/{batch}.safetensors", "compare_solutions", "representations"
        ),
        solutions=gather("retrain/{learning_rule}/{batch}.safetensors", "compare_solutions", "solutions"),
        attractors=gather("analyse/{learning_rule}/{batch}.attractors.csv", "compare_solutions", "attractors"),
        nulls=gather("null_models/{learning_rule}/{batch}.safetensors", "compare_solutions", "nulls"),
        generalised=gather("generalise/{learning_rule}/{batch}.csv", "compare_solutions", "generalised"),
        evaluations=gather(
            "retrain/{learning_rule}/{batch}.evaluations.csv", "compare_solutions", "evaluations"
        ),
    output:
        distances="<results>/compare_solutions/distances.safetensors",
        embedding="<results>/compare_solutions/embedding.csv",
        spread="<results>/compare_solutions/spread.csv",
        tests="<results>/compare_solutions/tests.csv",
        explained="<results>/compare_solutions/explained.csv",
        clusters="<results>/compare_solutions/clusters.csv",
        predictions="<results>/compare_solutions/predictions.csv",
        over_null="<results>/compare_solutions/over_null.csv",
        correlations="<results>/compare_solutions/correlations.csv",
        claims="<results>/compare_solutions/claims.csv",
        attractor_classes="<results>/compare_solutions/attractor_classes.csv",
        two_by_two="<results>/compare_solutions/two_by_two.csv",
        map=report(
            "<results>/compare_solutions/map.html",
            caption=f"{STAGES}/compare_solutions/figures/solution_classes.rst",
            category="5. Different plasticity rules result in different representations and learning dynamics",
            labels={"figure": "5.5 solution classes, map"},
        ),
    log:
        "<logs>/compare_solutions/compare_solutions.log",
    benchmark:
        "<benchmarks>/compare_solutions/compare_solutions.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=8000,
        runtime=240,
        gpu=GPUS,
    params:
        *shared("compare_solutions"),
        own=own("compare_solutions"),
        settings=SETTINGS,
    shell:
        "python -m threefactor compare_solutions --config {params.settings} > {log} 2>&1"


rule draw_solution_classes:
    """Draw whether learning rules make classes of solutions: maps, portraits, spread over null models, the 2 × 2."""
    input:
        embedding="<results>/compare_solutions/embedding.csv",
        explained="<results>/compare_solutions/explained.csv",
        clusters="<results>/compare_solutions/clusters.csv",
        predictions="<results>/compare_solutions/predictions.csv",
        over_null="<results>/compare_solutions/over_null.csv",
        two_by_two="<results>/compare_solutions/two_by_two.csv",
        networks=gather_for_figure("analyse/{learning_rule}/{batch}.csv", "solution_classes", "networks"),
        fixed_points=gather_for_figure(
            "analyse/{learning_rule}/{batch}.fixed_points.csv", "solution_classes", "fixed_points"
        ),
        representations=gather_for_figure(
            "analyse/{learning_rule}/{batch}.safetensors", "solution_classes", "representations"
        ),
    output:
        figure=report(
            "<results>/figures/solution_classes.svg",
            caption=f"{STAGES}/compare_solutions/figures/solution_classes.rst",
            category="5. Different plasticity rules result in different representations and learning dynamics",
            labels={"figure": "5.5 solution classes"},
        ),
        findings="<results>/findings/solution_classes.json",
    log:
        "<logs>/draw/solution_classes.log",
    benchmark:
        "<benchmarks>/draw/solution_classes.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=30,
        gpu=GPUS,
    params:
        *drawn("solution_classes"),
        settings=SETTINGS,
    shell:
        "python -m threefactor draw solution_classes --config {params.settings} > {log} 2>&1"


rule draw_solution_space:
    """Draw how far solutions lie apart, between rules and within each."""
    input:
        embedding="<results>/compare_solutions/embedding.csv",
        spread="<results>/compare_solutions/spread.csv",
        tests="<results>/compare_solutions/tests.csv",
    output:
        figure=report(
            "<results>/figures/solution_space.svg",
            caption=f"{STAGES}/compare_solutions/figures/solution_space.rst",
            category="5. Different plasticity rules result in different representations and learning dynamics",
            labels={"figure": "5.6 solution space"},
        ),
        findings="<results>/findings/solution_space.json",
    log:
        "<logs>/draw/solution_space.log",
    benchmark:
        "<benchmarks>/draw/solution_space.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=30,
        gpu=GPUS,
    params:
        *drawn("solution_space"),
        settings=SETTINGS,
    shell:
        "python -m threefactor draw solution_space --config {params.settings} > {log} 2>&1"
