"""Train a batch of networks under one learning rule: what every stage that trains to the criterion does."""

from collections.abc import Sequence

import pandas as pd

from threefactor.contract import Network
from threefactor.experiment import build
from threefactor.experiment.learned import RuleUnder
from threefactor.experiment.work import Loop, Work
from threefactor.training.learning_run import LearningRun, advance, finished, start_run

CHUNK = 50
"""Trials between two looks at the clock, and two points of a tracked learning curve."""


def ids_of_batch(work: Work, count: int) -> range:
    """Return the numbers of the networks of the job's batch, so many a batch."""
    batch = int(work.wildcards["batch"])
    return range(batch * count, (batch + 1) * count)


def train(work: Work, chosen: RuleUnder, network: Network, *, purpose: str) -> LearningRun:
    """Run the batch under a learning rule until every network has stopped.

    Parameters
    ----------
    work
        With wildcard ``batch``.
    chosen
        The learning rule, and the settings under which it runs.
    network
        b networks with their initial weights.
    purpose
        What the noise is for; with the batch it decides every trial.
    """
    settings, (rule, under) = work.settings, chosen
    environment, criterion = build.environment(under), build.criterion(settings)
    noise = build.noise(settings, purpose, int(work.wildcards["batch"]))

    def some_trials(run: LearningRun) -> LearningRun:
        return advance(run, rule, network, environment, criterion, CHUNK, generator=noise)

    loop = Loop(
        state=start_run(rule, network, environment, criterion),
        step=some_trials,
        is_finished=lambda run: finished(run, criterion),
        done=lambda run: run.learner.trials,
        total=criterion.horizon,
        unit="trials of learning",
        metrics=curve_point,
    )
    return work.run(loop)


def curve_point(run: LearningRun) -> dict[str, float]:
    """Return a point of the learning curve: means over a batch after the last chunk of trials."""
    done = run.learner.trials
    recent = run.error[:, max(0, done - CHUNK) : done]
    return {
        "error": recent.nanmean().item(),
        "fraction_at_criterion": run.reached.double().mean().item(),
        "networks_learning": float(len(run.active)),
        "networks_diverged": float(run.diverged.sum()),
    }


def network_table(ids: Sequence[int], run: LearningRun, window: int) -> pd.DataFrame:
    """Return a row per network; error and accuracy are means over its last trials, as many as the window."""
    done = (~run.error.isnan()).sum(1)
    rows = [slice(max(0, int(n) - window), int(n)) for n in done]
    last = {
        "error_last": [run.error[b, row].mean().item() for b, row in enumerate(rows)],
        "accuracy_last": [run.correct[b, row].mean().item() for b, row in enumerate(rows)],
    }
    return pd.DataFrame(
        {
            "network": list(ids),
            "reached": run.reached.cpu().numpy(),
            "trials_to_criterion": run.trials_to_criterion.cpu().numpy(),
            **last,
            "diverged": run.diverged.cpu().numpy(),
        }
    )
