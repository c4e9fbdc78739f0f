"""A made-up batch of networks, stage generalise run on it, and the same by slow loops."""

from typing import Any, NamedTuple

import torch

import references
import solution_files
from stages.in_pieces import InPieces
from threefactor.experiment import build, build_rule
from threefactor.experiment.follow_batch import evaluation_trials
from threefactor.experiment.solutions import network_of
from threefactor.experiment.view import everything
from threefactor.pipeline.settings import load
from threefactor.pipeline.storage import arrays
from threefactor.stages.generalise.compute import compute
from threefactor.training.batch import select
from threefactor.training.environment import experience
from threefactor.training.followed_run import Plan, follow, start_following

CPU = torch.device("cpu")
TRIALS, LEVEL, PLACE = 12, 1.08, 0
SETTINGS = {
    "retrain": {
        "networks": solution_files.NETWORKS, "batches": 2, "rules": ["theta_33", "bptt"],
        "levels": [LEVEL, 0.9], "snapshots": [0], "evaluation_spacing": 0.3,
    },
    "analyse": {"level": LEVEL},
    "plasticity": {"warm_up_trials": 1, "learning_rate": 3.0, "clip": 0.2},
    "generalise": {
        "delay_factor": 1.5, "duration_factor": 1.3, "weaker_input": 0.3, "stronger_input": 1.7, "noise": 0.3,
        "noise_trials": 3, "lesion_fraction": 0.35, "lesions": 2, "next_task": "pulses", "next_trials": TRIALS,
    },
    "tracking": {"uri": ""},
}  # fmt: skip
CROSSED = [0, 2]
"""Networks of the made-up batch whose level the test leaves; the second never crossed."""

LOWER, CROSSED_LOWER = 1, [1]
"""Place of the lower level, and the network at it."""


class Found(NamedTuple):
    """A table of the stage, and what it was made from."""

    table: Any
    settings: Any
    before: Any  # Network, those that crossed
    trained: Any
    batch: Any  # Network, all with their weights at the level
    lower: Any  # at the lower level


class Solutions(InPieces):
    """A job on arrays, of a rule that is neither learned nor tuned."""

    def __init__(self, *arguments, made):
        super().__init__(*arguments)
        self.made = made

    def arrays(self, name):
        """Return the arrays of the batch."""
        return self.made

    def by(self, name, wildcard):
        """Return no tables."""
        return {}


def generalised(folder, *, crossed=CROSSED, rule="theta_33", batch=1, task_name="dnms", **changed):
    """Run the stage on a made-up batch; keyword arguments replace keys of blocks of the settings."""
    raw = {name: {**SETTINGS.get(name, {}), **changed.get(name, {})} for name in {*SETTINGS, *changed}}
    made = arrays.load(solution_files.write(folder, rule, batch, **raw), CPU)
    is_there = torch.zeros(len(made["level.trial"]), dtype=torch.bool)
    is_there[crossed] = True
    made["level.trial"][:, PLACE] = torch.where(is_there, 3, -1)
    source = torch.Generator().manual_seed(5)  # network 1 has no weights at the level
    made["level.weights"][:, PLACE] = made["initial.weights"] * (
        1 + 0.1 * torch.randn(made["initial.weights"].shape, generator=source, dtype=torch.float64)
    )
    made["level.output_weights"][:, PLACE] = made["initial.output_weights"]
    config = load.parse(solution_files.settings(folder, **raw))
    names = {"learning_rule": rule, "batch": str(batch)}
    work = Solutions("generalise", config, names, made=made)
    work.settings = work.settings.changed({"task.name": task_name})
    table = compute(work).outputs["networks"]
    before, batch, lower = (
        network_of(made, when, "tanh", at)
        for when, at in (("initial", None), ("level", PLACE), ("level", LOWER))
    )
    some = (select(one, torch.tensor(crossed, dtype=torch.int64)) for one in (before, batch))
    return Found(table, everything(config), *some, batch, lower)


def errors(network, trial, start, perturbation):
    """Return mean |y - y*| over the response window (b), simulated step by step."""
    states = references.simulate(network, network.weights, trial.inputs, start, perturbation)
    output = torch.stack(
        [(network.output_weights @ torch.tanh(x)[:, :, None])[..., 0] for x in states[1:]], 1
    )
    size = (output - trial.target).abs().mean(2)
    return (trial.window * size).sum(1)


def noise_free(network, task):
    """Return the error over a trial of each type from rest (b)."""
    total = []
    for y in range(len(task.trial_types)):
        trial = task.draw(torch.full((len(network.weights),), y), generator=None, dtype=torch.float64)
        start = network.clamped_state.expand(len(network.weights), -1)
        total.append(
            errors(network, trial, start, torch.zeros(len(start), task.steps, start.shape[1]).double())
        )
    return torch.stack(total).mean(0)


def noisy(network, settings):
    """Return the error over noisy trials (b)."""
    environment, noise = build.environment(settings), build.noise(settings, "generalise", "noise")
    trials = 3 * len(environment.task.trial_types)
    found = [errors(network, *experience(environment, network, h, generator=noise(h))) for h in range(trials)]
    return torch.stack(found).mean(0)


def at(found, place=PLACE):
    """Return the rows of a level, a row for each network."""
    level = SETTINGS["retrain"]["levels"][place]
    return found.table[found.table.level == level].reset_index(drop=True)


def column(found, name):
    """Return a column of those that crossed the level."""
    return torch.tensor(at(found)[name].to_numpy()[CROSSED], dtype=torch.float64)


def learned(found, network, rule="theta_33", name="pulses"):
    """Let networks learn the next task without the stage."""
    settings = found.settings.changed({"task.name": name})
    one = build_rule.learning_rule(settings, rule, None, CPU)
    plan = Plan(TRIALS, build.criterion(settings), (LEVEL,), evaluation_trials(TRIALS, 0.3, ()), ())
    environment, noise = build.environment(settings), build.noise(settings, "generalise", "next")
    start = start_following(one, network, environment, plan)
    return follow(start, one, network, environment, plan, TRIALS, generator=noise)
