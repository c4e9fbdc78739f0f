"""The comparison of rules under every condition: one job, which needs no stage but `transfer`."""


rule judge:
    """Compare the learning rules under every condition."""
    input:
        unpack(inputs("judge")),
    output:
        **outputs("judge")
        | {
            "transfer": described(outputs("judge")["transfer"], "transfer"),
            "table": described(outputs("judge")["table"], "transfer", "table"),
        },
    log:
        "<logs>/judge/judge.log",
    benchmark:
        "<benchmarks>/judge/judge.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=4000,
        runtime=60,
        gpu=GPUS,
    params:
        *depends("judge"),
        settings=SETTINGS,
    shell:
        "python -m threefactor judge --config {params.settings} > {log} 2>&1"
