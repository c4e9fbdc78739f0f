"""Describe and compare the trained networks: representations, dynamics, distances.  Written by `python -m threefactor.pipeline.workflow` from the stage's spec."""


rule analyse:
    """Describe and compare the trained networks: representations, dynamics, distances."""
    input:
        solutions=gather("retrain/{learning_rule}/{batch}.safetensors", "analyse", "solutions"),
        networks=gather("retrain/{learning_rule}/{batch}.csv", "analyse", "networks"),
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
        criterion="<results>/analyse/criterion.csv",
        survival="<results>/analyse/survival.csv",
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
