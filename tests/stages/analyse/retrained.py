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
    "retrain": {"networks": 2, "batches": 2, "rules": ["theta_33"]},
    "analyse": {
        **{"networks_per_rule": 3, "decoding_networks": 2, "decoding_trials": 4, "decoding_folds": 2},
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


def batch(rule, number):
    """Make two networks of a rule, whose weights change at random."""
    generators = [seeding.generator(1, "network", 2 * number + i) for i in range(2)]
    shape = {"units": 16, "inputs": 2, "outputs": 1, "gain": 1.5, "input_scale": 2.0, "leak": 0.1}
    network = draw(**shape, clamped=CLAMPED, readout="unit", generators=generators)
    change = 0.1 * torch.randn(2, 16, 16, generator=seeding.generator(2, rule, number))
    return {
        "initial.weights": network.weights,
        "final.weights": network.weights + change,
        "input_weights": network.input_weights,
        "output_weights": network.output_weights,
        "clamped": network.clamped,
        "clamped_state": network.clamped_state,
        "leak": torch.tensor([network.leak]),
    }


def write(folder, rules):
    """Write two batches of two networks a rule, which reached the criterion as `rules` says of each network."""
    results = {}
    for rule, reached in rules.items():
        for number in range(2):
            path, here = Path(folder, "retrain", rule, str(number)), reached[2 * number : 2 * number + 2]
            results[path.with_suffix(".safetensors")] = batch(rule, number)
            results[path.with_suffix(".csv")] = pd.DataFrame(
                {
                    "network": [2 * number, 2 * number + 1],
                    "reached": here,
                    "trials_to_criterion": np.where(here, 300, HORIZON),
                    "accuracy_last": 0.9,
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
