"""What stage ``retrain`` would write, small and at random, and stage ``analyse`` run on it."""

from pathlib import Path

import torch

from threefactor import seeding
from threefactor.experiment import build, build_rule, follow_batch
from threefactor.experiment.view import everything
from threefactor.pipeline import files, job, registry
from threefactor.pipeline.settings import load
from threefactor.pipeline.storage import arrays, outputs
from threefactor.stages.analyse.compute import compute
from threefactor.stages.retrain.compute import solution_arrays
from threefactor.training.followed_run import start_following

CPU = torch.device("cpu")
SETTINGS = {
    "network": {"units": 16, "clamped": {1: 1.0, 3: -1.0}, "readout": "random"},
    "device": "cpu",
    "retrain": {"networks": 2, "batches": 2, "levels": [0.7, 0.5, 0.3], "horizon": 2000},
    "analyse": {
        **{"networks_per_rule": 3, "decoding_networks": 2, "decoding_trials": 4, "decoding_folds": 2},
        **{"fixed_point_networks": 2, "fixed_point_starts": 4, "permutations": 9, "bootstraps": 20},
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
    outputs.save(results)


def analyse(folder, rules, **changed):
    """Run the stage as a job, and read what it wrote by the names of its outputs."""
    config, spec = load.parse(settings(folder, rules, **changed)), registry.stages()["analyse"]
    write(folder, everything(config), rules)
    of_job = files.of_job(config, spec, {})
    job.run(compute, config, spec, {}, of_job)
    return {name: _read(Path(path)) for name, path in of_job.outputs.items()}


def _read(path):
    return outputs.read_table(path) if path.suffix == ".csv" else arrays.load(path, CPU)
