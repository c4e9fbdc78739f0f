"""The command that times the measures of networks and the null models."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_measure_and_null_model_is_timed():
    command = [
        sys.executable,
        "-m",
        "benchmarks",
        "measures",
        "--networks",
        "2",
        "--units",
        "12",
        "--trials",
        "3",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    rows = dict(line.strip("| ").split(" | ") for line in done.stdout.splitlines()[2:])
    assert {"attractors, 16 starts an input", "sharpness and its spectrum", "steered walk, 50 steps"} < set(
        rows
    )
    assert all(float(seconds) > 0 for seconds in rows.values())
