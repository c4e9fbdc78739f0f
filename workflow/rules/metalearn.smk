"""Meta-learning: one job a rule to be learned."""


rule metalearn:
    """Learn the coefficients of a rule by tangents through learning."""
    output:
        **outputs("metalearn"),
    log:
        "<logs>/metalearn/{learned_rule}.log",
    benchmark:
        "<benchmarks>/metalearn/{learned_rule}.tsv"
    priority: 10  # the longest jobs, which others wait for
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=240,
        gpu=GPUS,
    params:
        *depends("metalearn"),
        chosen=chosen("metalearn"),
        settings=SETTINGS,
    shell:
        "python -m threefactor metalearn --config {params.settings} --learned-rule {wildcards.learned_rule} > {log} 2>&1"
