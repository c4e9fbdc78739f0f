"""What Snakemake itself costs: a pipeline of jobs that do nothing, and a finished run's jobs against its wall time."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

JOBS = 34  # of the default experiment
SNAKEFILE = """
rule all:
    input: expand("{n}.txt", n=range(int(config["jobs"])))

rule nothing:
    output: "{n}.txt"
    log: "{n}.log"
    benchmark: "{n}.tsv"
    shell: "true > {output} 2> {log}"
"""

Row = dict[str, object]


def measure(cores: list[int], results: Path, wall: float, few: int = 1, many: int = 41) -> Row:
    """Return ms per job that does nothing, the start of Snakemake, and their share of the default experiment.

    Parameters
    ----------
    cores
        Cores that Snakemake may use.
    results
        Folder of finished results, of which the job times are read if there are any.
    wall
        Wall time of the default experiment, s; the finished results' own time if there are any.
    few, many
        Numbers of jobs, the difference of which gives the cost of one.
    """
    short, long = (_run(jobs, cores) for jobs in (few, many))
    per_job = (long - short) / (many - few)
    start = short - few * per_job
    finished = _finished(results)
    jobs, wall = int(finished.get("jobs", JOBS)), finished.get("wall_s", wall)
    row: Row = {"ms_per_job": 1e3 * per_job, "start_s": start, "jobs": jobs, "wall_s": wall}
    row |= {"share": (start + jobs * per_job) / wall, "finished": finished}
    return row


def show(row: Row) -> None:
    """Print the overhead."""
    print(
        f"\nSnakemake: {row['ms_per_job']:.0f} ms per job and {row['start_s']:.1f} s to start: "
        f"{row['share']:.1%} of an experiment of {row['jobs']} jobs in {row['wall_s']:.0f} s"
    )
    if finished := row["finished"]:
        assert isinstance(finished, dict)
        print("finished results: " + ", ".join(f"{name} {value:.4g}" for name, value in finished.items()))


def _run(jobs: int, cores: list[int]) -> float:
    """Return the wall time of a pipeline of so many jobs, s, one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "Snakefile").write_text(SNAKEFILE, encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "snakemake",
            "--cores",
            "1",
            "--quiet",
            "all",
            "--config",
            f"jobs={jobs}",
        ]
        begin = time.perf_counter()
        subprocess.run(command, cwd=folder, check=True, capture_output=True, preexec_fn=lambda: _allow(cores))
        return time.perf_counter() - begin


def _allow(cores: list[int]) -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, cores)


def _finished(results: Path) -> dict[str, float]:
    """Return number, time and span of the jobs that left a benchmark in the results; s."""
    files = list((results / "benchmarks").rglob("*.tsv"))
    if not files:
        return {}
    seconds = [float(pd.read_csv(file, sep="\t")["s"].iloc[0]) for file in files]
    ends = [file.stat().st_mtime for file in files]
    wall = max(ends) - min(end - s for end, s in zip(ends, seconds, strict=True))
    return {
        "jobs": len(files),
        "job_s": sum(seconds),
        "wall_s": wall,
        "job_s_per_wall_s": sum(seconds) / wall,
    }
