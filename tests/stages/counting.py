"""A job for the tests: count slowly, keep a checkpoint, go on from it.  Run as a script, to be killed."""

import sys
import time
from pathlib import Path

import pandas as pd
import torch

from threefactor.cli import stage as command
from threefactor.pipeline.settings import load
from threefactor.config.paths import Files
from threefactor.pipeline import job


def compute(current):
    """Add up 0 … 9 and note where it began."""
    state = current.resume() or {"step": torch.tensor(0), "total": torch.tensor(0.0)}
    begun = int(state["step"])
    with current.progress(10, "steps", begun) as bar:
        for step in range(begun, 10):
            total = state["total"] + step
            current.metrics({"total": float(total), "nothing": float("nan")}, step)
            state = {"step": torch.tensor(step + 1), "total": total}
            current.checkpoint(state)
            time.sleep(current.config.align.draws / 1000)
            bar.advance()
    return {"sum": pd.DataFrame({"total": [float(state["total"])]}), "state": {"begun": torch.tensor(begun)}}


def main(settings, folder):
    """Run it as the job of a stage."""
    config = load.load(Path(settings))
    files = Files({}, {"sum": f"{folder}/sum.csv", "state": f"{folder}/state.safetensors"})
    wildcards = {"learning_rule": "theta_33", "batch": "0"}
    command.check(config, wildcards)
    job.run(compute, "align", config, wildcards, files)


if __name__ == "__main__":
    from threefactor.cli import main as cli

    cli.catch_termination()
    main(*sys.argv[1:])
