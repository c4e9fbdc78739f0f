"""Figures and headline numbers: one job over all results."""

DRAWN = outputs("figures")
# What the numbers say, for the captions; known once the figures are drawn.
config["findings"] = load.findings(CONFIG)


rule figures:
    """Draw every figure and gather the headline numbers."""
    input:
        unpack(inputs("figures")),
    output:
        **{name: described(path, name) for name, path in DRAWN.items() if name in FIGURES},
        summary=DRAWN["summary"],
    log:
        "<logs>/figures/figures.log",
    benchmark:
        "<benchmarks>/figures/figures.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=60,
        gpu=GPUS,
    params:
        *depends("figures"),
        settings=SETTINGS,
    shell:
        "python -m threefactor figures --config {params.settings} > {log} 2>&1"
