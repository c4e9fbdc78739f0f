"""A job for the tests: count slowly, keep a checkpoint, go on from it.  Run as a script, to be killed."""

import os
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import torch

from threefactor.experiment.work import Loop, Results
from threefactor.pipeline import job, registry
from threefactor.pipeline.files import Files
from threefactor.pipeline.settings import load

SPEC = registry.stages()["align"]._replace(inputs={})
HOLD = "COUNTING_HOLD"
"""Names the step at which a process waits to be killed, so that no test depends on how fast it is."""

WILDCARDS = {"learning_rule": "theta_33", "batch": "0"}


class Sum(NamedTuple):
    """What was added so far; every step adds a number to the list of those that were seen in this process."""

    step: int
    total: torch.Tensor
    seen: dict[str, torch.Tensor]


def compute(work):
    """Add up 0 … 9 and note how many of them this process added."""
    added = []

    def add(state):
        while str(state.step) == os.environ.get(HOLD):
            time.sleep(0.02)
        added.append(state.step)
        time.sleep(work.settings.align.draws / 1000)
        seen = state.seen | {str(state.step): torch.tensor(state.step)}
        return Sum(state.step + 1, state.total + state.step, seen)

    loop = Loop(
        state=Sum(0, torch.tensor(0.0), {}),
        step=add,
        is_finished=lambda state: state.step == 10,
        done=lambda state: state.step,
        total=10,
        unit="steps",
        metrics=lambda state: {"total": float(state.total), "nothing": float("nan")},
    )
    last = work.run(loop)
    state = {"added": torch.tensor(len(added)), "seen": torch.stack(list(last.seen.values()))}
    return Results({"sum": pd.DataFrame({"total": [float(last.total)]}), "state": state}, {"final": 1.0})


def main(settings, folder):
    """Run it as the job of a stage."""
    files = Files({}, {"sum": f"{folder}/sum.csv", "state": f"{folder}/state.safetensors"})
    job.run(compute, load.load(Path(settings)), SPEC, WILDCARDS, files)


if __name__ == "__main__":
    from threefactor.cli import main as cli

    cli.catch_termination()
    main(*sys.argv[1:])
