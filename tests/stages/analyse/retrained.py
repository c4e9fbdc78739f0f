"""What stage ``retrain`` would write, small and at random, and stage ``analyse`` run on it."""

import importlib
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from threefactor import seeding
from threefactor.experiment import build, build_rule, follow_batch
from threefactor.experiment.view import everything
from threefactor.pipeline import files, job, registry
from threefactor.pipeline.settings import load
from threefactor.pipeline.storage import arrays, outputs
from threefactor.stages.retrain.compute import solution_arrays
from threefactor.training.followed_run import start_following

CPU = torch.device("cpu")
SETTINGS = {
    "network": {"units": 16, "clamped": {1: 1.0, 3: -1.0}, "readout": "random"},
    "device": "cpu",
    "retrain": {"networks": 2, "batches": 2, "levels": [0.7, 0.5, 0.3], "horizon": 2000},
    "analyse": {
        **{"networks": 2, "decoding_networks": 1, "decoding_trials": 4, "decoding_folds": 2},
        **{"fixed_point_networks": 1, "fixed_point_starts": 4, "costly_networks": 1, "attractor_starts": 4},
    },
    "null_models": {"anchors": 1, "steps": 2, "repeats": 1},
    "compare_solutions": {
        **{"permutations": 9, "bootstraps": 20, "cluster_draws": 2, "splits": 2},
        **{"largest_cluster_number": 3, "classification_permutations": 2},
    },
    "tracking": {"uri": ""},
}
CROSSED = (100, 200, 400)
"""Trials until each level, where it was crossed."""


def settings(folder, rules, **analyse):
    """Return settings of an experiment with these learning rules."""
    changed = {
        "retrain": {**SETTINGS["retrain"], "rules": list(rules)},
        "analyse": {**SETTINGS["analyse"], **analyse},
    }
    return {**SETTINGS, "results": str(folder), **changed}


def untrained(config, rule, ids):
    """Return networks of a rule before learning, what is looked at, and the run that begins with them."""
    network = build.network(config, ids, CPU, purpose="retrain")
    wanted = follow_batch.plan(config, rule)
    environment = build.environment(config)
    learning = build_rule.learning_rule(config, rule, None, CPU)
    return network, wanted, start_following(learning, network, environment, wanted)


def batch(config, rule, number, crossed):
    """Make what is kept of two networks of a rule, whose weights change at random, and their table of levels.

    All cross the first level, and the others as `crossed` says of each network. Nothing is what it was at another level.
    """
    ids = [2 * number, 2 * number + 1]
    network, wanted, run = untrained(config, rule, ids)
    source = seeding.generator(2, rule, number)
    for level, trials in enumerate(CROSSED):
        there = torch.tensor([level == 0 or one for one in crossed])
        run.levels.trial[there, level] = trials
        for name in ("weights", "output_weights"):
            before, kept = getattr(network, name), getattr(run.levels, name)
            change = 0.1 * torch.randn(before.shape, generator=source, dtype=torch.float64)
            kept[there, level] = (before + change.to(before.dtype))[there]
        run.found.error[:, wanted.evaluations.index(trials)] = wanted.levels[level] - 0.1
    for place, gain in enumerate((0.1, 4.0)):  # at rest, then not
        run.snapshots.trial[:, place] = wanted.snapshots[place]
        run.snapshots.weights[:, place] = gain * network.weights
        run.snapshots.output_weights[:, place] = network.output_weights
    run.error[:] = 0.4
    return solution_arrays(network, run, wanted), follow_batch.level_table(ids, run, wanted)


def write(folder, config, rules):
    """Write two batches of two networks a rule, which crossed the level as `rules` says of each network."""
    results = {}
    for rule, crossed in rules.items():
        for number in range(2):
            solutions, levels = batch(config, rule, number, crossed[2 * number : 2 * number + 2])
            results[Path(folder, "retrain", rule, f"{number}.safetensors")] = solutions
            results[Path(folder, "retrain", rule, f"{number}.levels.csv")] = levels
            results[Path(folder, "retrain", rule, f"{number}.evaluations.csv")] = evaluations(number)
            results[Path(folder, "generalise", rule, f"{number}.csv")] = generalised(number)
    outputs.save(results)


def run(config, stage, values):
    """Run one job of a stage, and return its files by the names of its outputs."""
    spec = registry.stages()[stage]
    of_job = files.of_job(config, spec, values)
    compute = importlib.import_module(f"threefactor.stages.{stage}.compute").compute
    job.run(compute, config, spec, values, of_job)
    return {name: Path(path) for name, path in of_job.outputs.items()}


def analyse(folder, rules, **changed):
    """Run all jobs of the stage, and read what they wrote: tables of all jobs, and arrays by rule and batch."""
    config = load.parse(settings(folder, rules, **changed))
    write(folder, everything(config), rules)
    found = {}
    for values in registry.stages()["analyse"].jobs(config):
        of_job = run(config, "analyse", values)
        for name, path in of_job.items():
            found.setdefault(name, {})[values["learning_rule"], int(values["batch"])] = read(path)
    tables = {name: list(parts.values()) for name, parts in found.items() if name != "representations"}
    joined = {
        name: pd.concat([part for part in parts if len(part)] or parts) for name, parts in tables.items()
    }
    return {**joined, "representations": found["representations"]}


def make_nulls(config):
    """Run all jobs of stage ``null_models`` on what stage ``analyse`` wrote; return their files by rule and batch."""
    jobs = registry.stages()["null_models"].jobs(config)
    return {(one["learning_rule"], int(one["batch"])): run(config, "null_models", one) for one in jobs}


def evaluations(number):
    """Make a table of evaluations of the two networks of a batch."""
    source = np.random.default_rng(number)
    rows = [(2 * number + one, trial) for one in range(2) for trial in (0, 10, 50)]
    table = pd.DataFrame(rows, columns=["network", "trial"])
    numbers = {name: source.uniform(size=len(rows)) for name in ("error", "change_norm", "change_rank")}
    return table.assign(**numbers)


def generalised(number):
    """Make a table of the errors out of distribution of the two networks of a batch."""
    rows = [(2 * number + one, level) for one in range(2) for level in SETTINGS["retrain"]["levels"]]
    source = np.random.default_rng(number)
    table = pd.DataFrame(rows, columns=["network", "level"])
    return table.assign(error_out_of_distribution=source.uniform(size=len(rows)))


def read(path):
    """Read a table, a page or a file of arrays."""
    if path.suffix == ".html":
        return path.read_text(encoding="utf-8")
    return outputs.read_table(path) if path.suffix == ".csv" else arrays.load(path, CPU)
