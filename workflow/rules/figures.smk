"""Figures and headline numbers: one job over all results."""

# Each figure with the heading of the poster that it answers; its caption is workflow/report/<figure>.rst.
FIGURES = paths.FIGURES
DRAWN = outputs("figures")
# What the numbers say, for the captions; known once the figures are drawn.
config["findings"] = load.findings(CONFIG)
# A report sorts by name: numbers keep the poster's order.
HEADINGS = list(dict.fromkeys(FIGURES.values()))


rule figures:
    """Draw every figure and gather the headline numbers."""
    input:
        unpack(inputs("figures")),
    output:
        **{
            name: report(
                DRAWN[name],
                caption=f"../report/{name}.rst",
                category=f"{HEADINGS.index(heading) + 1}. {heading}",
                labels={"figure": f"{place:02d} {name.replace('_', ' ')}"},
            )
            for place, (name, heading) in enumerate(FIGURES.items(), 1)
        },
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
