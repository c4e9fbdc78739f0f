"""What meta-learning did and found: one job, which needs the learned rules and their comparison alone."""


rule found:
    """Draw the outer loop, the rules that were found, and what finding them cost."""
    input:
        unpack(inputs("found")),
    output:
        **outputs("found")
        | {name: described(outputs("found")[name], name) for name in paths.ELSEWHERE["found"]},
    log:
        "<logs>/found/found.log",
    benchmark:
        "<benchmarks>/found/found.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=60,
        gpu=GPUS,
    params:
        *depends("found"),
        chosen=chosen("found"),
        settings=SETTINGS,
    shell:
        "python -m threefactor found --config {params.settings} > {log} 2>&1"
