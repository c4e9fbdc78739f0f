"""From dense to sparse: one job a learned rule."""


rule prune:
    """Find what each term of a learned rule is worth, and what is left of it under growing sparsity."""
    input:
        unpack(inputs("prune")),
    output:
        **outputs("prune"),
    log:
        "<logs>/prune/{pruned_rule}.log",
    benchmark:
        "<benchmarks>/prune/{pruned_rule}.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=240,
        gpu=GPUS,
    params:
        *depends("prune"),
        chosen=chosen("prune"),
        settings=SETTINGS,
    shell:
        "python -m threefactor prune --config {params.settings} --pruned-rule {wildcards.pruned_rule} > {log} 2>&1"
