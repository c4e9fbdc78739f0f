"""What Snakemake gets from us: one line for a whole run, and dotted keys of --config."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

SNAKEFILE = """
rule all:
    input: expand("{n}.txt", n=range(3))
rule one:
    output: "{n}.txt"
    log: "{n}.log"
    benchmark: "results/benchmarks/one/{n}.tsv"
    shell: "echo {config[task][name]} > {output}"
rule wrong:
    output: "wrong.txt"
    log: "wrong.log"
    shell: "echo the reason > {log}; false"
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    return tmp_path


def command(*words):
    return [sys.executable, "-m", "snakemake", "--cores", "1", "--config", "task.name=dpa", *words]


def environment():
    return {**os.environ, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "80"}


def run(folder, *words):
    return subprocess.run(
        command(*words), cwd=folder, env=environment(), capture_output=True, text=True, check=False
    )


def on_a_terminal(folder, *words):
    """Return the status, and what a terminal was sent."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command(*words), cwd=folder, env=environment(), stdout=theirs, stderr=theirs
    ) as done:
        os.close(theirs)
        sent = b""
        while True:
            try:
                part = os.read(ours, 4096)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            sent += part
    os.close(ours)
    return done.returncode, sent.decode()


def test_a_run_is_one_line_on_a_terminal_and_few_in_a_log(folder):
    status, sent = on_a_terminal(folder, "--logger", "threefactor")
    assert status == 0
    assert "4/4 jobs" in sent
    assert "rule one:" not in sent
    again = run(folder, "--logger", "threefactor", "--forceall")
    assert again.returncode == 0
    lines = [line for line in again.stderr.splitlines() if "jobs" in line]
    assert lines[0].startswith("0/4 jobs")
    assert lines[-1].startswith("4/4 jobs, 0 s left")
    assert "rule one:" not in again.stderr


def test_a_failure_and_a_dry_run_are_shown_in_full(folder):
    failed = run(folder, "--logger", "threefactor", "--show-failed-logs", "wrong.txt")
    assert failed.returncode == 1
    assert "Error in rule wrong" in failed.stderr
    assert "the reason" in failed.stderr
    planned = run(folder, "--logger", "threefactor", "--dry-run")
    assert "rule one:" in planned.stdout + planned.stderr


def test_dotted_keys_are_groups_with_every_logger(folder):
    assert run(folder).returncode == 0
    assert (folder / "0.txt").read_text() == "dpa\n"


@pytest.mark.parametrize("word", ["task..name=dpa", "task.name", "=3"])
def test_what_is_no_key_is_refused_in_one_line(folder, word):
    found = run(folder, "--config", word)
    assert found.returncode == 1
    assert f"Error: --config {word}: must be KEY=VALUE" in found.stderr
    assert "Traceback" not in found.stderr
