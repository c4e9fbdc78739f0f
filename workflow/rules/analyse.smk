"""Describe and compare the trained networks: representations, dynamics, distances.  Written by `python -m threefactor.pipeline.workflow` from the stage's spec."""


rule analyse:
    """Describe and compare the trained networks: representations, dynamics, distances."""
    input:
        solutions=gather("retrain/{learning_rule}/{batch}.safetensors", "analyse", "solutions"),
        levels=gather("retrain/{learning_rule}/{batch}.levels.csv", "analyse", "levels"),
    output:
        networks="<results>/analyse/networks.csv",
        decoding="<results>/analyse/decoding.csv",
        cross_temporal="<results>/analyse/cross_temporal.safetensors",
        spectrum="<results>/analyse/spectrum.csv",
        fixed_points="<results>/analyse/fixed_points.csv",
        trajectories="<results>/analyse/trajectories.safetensors",
        distances="<results>/analyse/distances.safetensors",
        embedding="<results>/analyse/embedding.csv",
        spread="<results>/analyse/spread.csv",
        permanova="<results>/analyse/permanova.csv",
    log:
        "<logs>/analyse/analyse.log",
    benchmark:
        "<benchmarks>/analyse/analyse.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=8000,
        runtime=240,
        gpu=GPUS,
    params:
        *shared("analyse"),
        own=own("analyse"),
        settings=SETTINGS,
    shell:
        "python -m threefactor analyse --config {params.settings} > {log} 2>&1"


rule draw_plasticity_dynamics:
    """Draw one trial of one trained network, from its inputs to the eligibility of its synapses."""
    input:
        solutions=gather_for_figure(
            "retrain/{learning_rule}/{batch}.safetensors", "plasticity_dynamics", "solutions"
        ),
    output:
        figure=report(
            "<results>/figures/plasticity_dynamics.svg",
            caption="../../src/threefactor/stages/analyse/figures/plasticity_dynamics.rst",
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
        networks="<results>/analyse/networks.csv",
        fixed_points="<results>/analyse/fixed_points.csv",
        trajectories="<results>/analyse/trajectories.safetensors",
    output:
        figure=report(
            "<results>/figures/trajectories.svg",
            caption="../../src/threefactor/stages/analyse/figures/trajectories.rst",
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
    """Draw what can be decoded from the networks, and when."""
    input:
        networks="<results>/analyse/networks.csv",
        decoding="<results>/analyse/decoding.csv",
        cross_temporal="<results>/analyse/cross_temporal.safetensors",
    output:
        figure=report(
            "<results>/figures/codes.svg",
            caption="../../src/threefactor/stages/analyse/figures/codes.rst",
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
        networks="<results>/analyse/networks.csv",
        spectrum="<results>/analyse/spectrum.csv",
        fixed_points="<results>/analyse/fixed_points.csv",
    output:
        figure=report(
            "<results>/figures/landscape.svg",
            caption="../../src/threefactor/stages/analyse/figures/landscape.rst",
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


rule draw_solution_space:
    """Draw how far solutions lie apart, between rules and within each."""
    input:
        embedding="<results>/analyse/embedding.csv",
        spread="<results>/analyse/spread.csv",
        permanova="<results>/analyse/permanova.csv",
    output:
        figure=report(
            "<results>/figures/solution_space.svg",
            caption="../../src/threefactor/stages/analyse/figures/solution_space.rst",
            category="5. Different plasticity rules result in different representations and learning dynamics",
            labels={"figure": "5.5 solution space"},
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
