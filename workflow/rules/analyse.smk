"""Describe trained networks at levels of error: representations, dynamics, weights.  Written by `python -m threefactor.pipeline.workflow` from the stage's spec."""


rule analyse:
    """Describe trained networks at levels of error: representations, dynamics, weights."""
    input:
        solutions="<results>/retrain/{learning_rule}/{batch}.safetensors",
        levels="<results>/retrain/{learning_rule}/{batch}.levels.csv",
    output:
        networks="<results>/analyse/{learning_rule}/{batch}.csv",
        spectrum="<results>/analyse/{learning_rule}/{batch}.spectrum.csv",
        fixed_points="<results>/analyse/{learning_rule}/{batch}.fixed_points.csv",
        attractors="<results>/analyse/{learning_rule}/{batch}.attractors.csv",
        attractor_changes="<results>/analyse/{learning_rule}/{batch}.attractor_changes.csv",
        representations="<results>/analyse/{learning_rule}/{batch}.safetensors",
    log:
        "<logs>/analyse/{learning_rule}/{batch}.log",
    benchmark:
        "<benchmarks>/analyse/{learning_rule}/{batch}.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=60,
        gpu=GPUS,
    params:
        *shared("analyse"),
        own=own("analyse"),
        settings=SETTINGS,
    shell:
        "python -m threefactor analyse --config {params.settings} --learning-rule {wildcards.learning_rule} --batch {wildcards.batch} > {log} 2>&1"


rule draw_plasticity_dynamics:
    """Draw one trial of one trained network, from its inputs to the eligibility of its synapses."""
    input:
        solutions=gather_for_figure(
            "retrain/{learning_rule}/{batch}.safetensors", "plasticity_dynamics", "solutions"
        ),
    output:
        figure=report(
            "<results>/figures/plasticity_dynamics.svg",
            caption=f"{STAGES}/analyse/figures/plasticity_dynamics.rst",
            category="3. Network and plasticity dynamics",
            labels={"figure": "3.0 plasticity dynamics"},
        ),
        findings="<results>/findings/plasticity_dynamics.json",
    log:
        "<logs>/draw/plasticity_dynamics.log",
    benchmark:
        "<benchmarks>/draw/plasticity_dynamics.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=30,
        gpu=GPUS,
    params:
        *drawn("plasticity_dynamics"),
        settings=SETTINGS,
    shell:
        "python -m threefactor draw plasticity_dynamics --config {params.settings} > {log} 2>&1"


rule draw_trajectories:
    """Draw the trajectories of one network of each rule."""
    input:
        networks=gather_for_figure("analyse/{learning_rule}/{batch}.csv", "trajectories", "networks"),
        fixed_points=gather_for_figure(
            "analyse/{learning_rule}/{batch}.fixed_points.csv", "trajectories", "fixed_points"
        ),
        representations=gather_for_figure(
            "analyse/{learning_rule}/{batch}.safetensors", "trajectories", "representations"
        ),
    output:
        figure=report(
            "<results>/figures/trajectories.svg",
            caption=f"{STAGES}/analyse/figures/trajectories.rst",
            category="5. Different plasticity rules result in different representations and learning dynamics",
            labels={"figure": "5.2 trajectories"},
        ),
        findings="<results>/findings/trajectories.json",
    log:
        "<logs>/draw/trajectories.log",
    benchmark:
        "<benchmarks>/draw/trajectories.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=30,
        gpu=GPUS,
    params:
        *drawn("trajectories"),
        settings=SETTINGS,
    shell:
        "python -m threefactor draw trajectories --config {params.settings} > {log} 2>&1"


rule draw_codes:
    """Draw how networks hold the first factor of a trial: decoders trained at one time, tested at another."""
    input:
        networks=gather_for_figure("analyse/{learning_rule}/{batch}.csv", "codes", "networks"),
        representations=gather_for_figure(
            "analyse/{learning_rule}/{batch}.safetensors", "codes", "representations"
        ),
    output:
        figure=report(
            "<results>/figures/codes.svg",
            caption=f"{STAGES}/analyse/figures/codes.rst",
            category="5. Different plasticity rules result in different representations and learning dynamics",
            labels={"figure": "5.3 codes"},
        ),
        findings="<results>/findings/codes.json",
    log:
        "<logs>/draw/codes.log",
    benchmark:
        "<benchmarks>/draw/codes.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=30,
        gpu=GPUS,
    params:
        *drawn("codes"),
        settings=SETTINGS,
    shell:
        "python -m threefactor draw codes --config {params.settings} > {log} 2>&1"


rule draw_landscape:
    """Draw weight change, eigenvalues and fixed points."""
    input:
        networks=gather_for_figure("analyse/{learning_rule}/{batch}.csv", "landscape", "networks"),
        spectrum=gather_for_figure("analyse/{learning_rule}/{batch}.spectrum.csv", "landscape", "spectrum"),
        fixed_points=gather_for_figure(
            "analyse/{learning_rule}/{batch}.fixed_points.csv", "landscape", "fixed_points"
        ),
    output:
        figure=report(
            "<results>/figures/landscape.svg",
            caption=f"{STAGES}/analyse/figures/landscape.rst",
            category="5. Different plasticity rules result in different representations and learning dynamics",
            labels={"figure": "5.4 landscape"},
        ),
        findings="<results>/findings/landscape.json",
    log:
        "<logs>/draw/landscape.log",
    benchmark:
        "<benchmarks>/draw/landscape.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=30,
        gpu=GPUS,
    params:
        *drawn("landscape"),
        settings=SETTINGS,
    shell:
        "python -m threefactor draw landscape --config {params.settings} > {log} 2>&1"
