"""What stage ``retrain`` would write, small and at random, and stage ``analyse`` run on it."""

from pathlib import Path

import numpy as np
import pandas as pd
import torch

from threefactor import seeding
from threefactor.network.initial import draw
from threefactor.pipeline import files, job, registry
from threefactor.pipeline.settings import load
from threefactor.pipeline.storage import arrays, outputs
from threefactor.stages.analyse.compute import compute

CLAMPED = {1: 1.0, 3: -1.0}
SETTINGS = {
    "network": {"units": 16, "clamped": CLAMPED},
    "device": "cpu",
    "retrain": {"networks": 2, "batches": 2, "rules": ["theta_33"], "levels": [0.7, 0.5, 0.2]},
    "analyse": {
        **{
            "level": 0.5,
            "networks_per_rule": 3,
            "decoding_networks": 2,
            "decoding_trials": 4,
            "decoding_folds": 2,
        },
        **{"fixed_point_networks": 2, "fixed_point_starts": 4, "permutations": 9, "bootstraps": 20},
    },
    "tracking": {"uri": ""},
}
HORIZON = 2000


def settings(folder, rules, **analyse):
    """Return settings of an experiment with these learning rules."""
    changed = {
        "retrain": {**SETTINGS["retrain"], "rules": list(rules)},
        "analyse": {**SETTINGS["analyse"], **analyse},
    }
    return {**SETTINGS, "results": str(folder), **changed}


def batch(rule, number, crossed):
    """Make two networks of a rule, whose weights change at random to each level; zero at one that is not crossed."""
    generators = [seeding.generator(1, "network", 2 * number + i) for i in range(2)]
    shape = {"units": 16, "inputs": 2, "outputs": 1, "gain": 1.5, "input_scale": 2.0, "leak": 0.1}
    network = draw(**shape, clamped=CLAMPED, readout="unit", generators=generators)
    change = 0.1 * torch.randn(2, 3, 16, 16, generator=seeding.generator(2, rule, number))
    at_levels = (network.weights[:, None] + change) * torch.tensor(crossed)[..., None, None]
    readout = network.output_weights
    return {
        "initial.weights": network.weights,
        "initial.output_weights": readout,
        "level.weights": at_levels,
        "level.output_weights": readout[:, None].repeat(1, 3, 1, 1),
        "input_weights": network.input_weights,
        "clamped": network.clamped,
        "clamped_state": network.clamped_state,
        "leak": torch.tensor([network.leak]),
    }


def write(folder, rules):
    """Write two batches of two networks a rule: all cross the first level, of the second `rules` says who does."""
    results = {}
    for rule, reached in rules.items():
        for number in range(2):
            path, here = Path(folder, "retrain", rule, str(number)), reached[2 * number : 2 * number + 2]
            crossed = [[True, yes, False] for yes in here]
            results[path.with_suffix(".safetensors")] = batch(rule, number, crossed)
            results[path.with_suffix(".levels.csv")] = pd.DataFrame(
                {
                    "network": np.repeat([2 * number, 2 * number + 1], 3),
                    "level": [0.7, 0.5, 0.2] * 2,
                    "crossed": np.ravel(crossed),
                    "trials": np.where(np.ravel(crossed), [100, 300, 0] * 2, HORIZON),
                    "error": np.where(np.ravel(crossed), [0.69, 0.45, 0] * 2, np.nan),
                }
            )
    outputs.save(results)


def analyse(folder, rules, **changed):
    """Run the stage as a job, and read what it wrote by the names of its outputs."""
    write(folder, rules)
    config, spec = load.parse(settings(folder, rules, **changed)), registry.stages()["analyse"]
    of_job = files.of_job(config, spec, {})
    job.run(compute, config, spec, {}, of_job)
    return {name: _read(Path(path)) for name, path in of_job.outputs.items()}


def _read(path):
    return outputs.read_table(path) if path.suffix == ".csv" else arrays.load(path, torch.device("cpu"))
