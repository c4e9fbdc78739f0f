"""A whole folder of results, made up of what every stage declares, and written as jobs write it."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from matplotlib.figure import Figure

from threefactor.pipeline import declared, files, registry
from threefactor.pipeline.storage import outputs
from threefactor.pipeline.storage.manifest import Job

SETTINGS = """
results: {results}
device: cpu
network: {{units: 12, readout: random}}
metalearn: {{rules: {{learned_a: {{start: theta_33}}, learned_b: {{start: random}}}}}}
tune: {{rules: [theta_33, bptt]}}
retrain: {{batches: 2, rules: [theta_33, learned_a, bptt]}}
transfer:
  conditions: {{quick: {{criterion.horizon: 120}}}}
  batches: 2
  rules: [theta_33, bptt]
  tuned_rules: [theta_33, bptt]
align: {{batches: 2}}
rivals: {{learned_rule: learned_a}}
tracking: {{uri: ""}}
"""
"""At least two jobs of each stage that has several."""

ROWS = 5


def write(settings):
    """Write the files of all jobs and figures of an experiment; return their paths."""
    written = []
    for spec, values in registry.jobs(settings):
        found = files.of_job(settings, spec, values)
        written += _write(Job(spec.name, dict(values)), found.outputs)
    for name in registry.figures():
        written += _write(Job(f"draw {name}"), files.of_figure(settings, name).outputs)
    return written


def _write(job, places):
    """Write the files of a job, which no other job has."""
    seed = sum(map(ord, job.label))
    paths = {name: Path(path) for name, path in places.items()}
    values = {
        name: made(job.name, name, path.suffix, seed + order)
        for order, (name, path) in enumerate(paths.items())
    }
    outputs.save_job(paths, values, job)
    return list(paths.values())


def made(stage, output, suffix, seed=0):
    """Make up what an output declares."""
    source = np.random.default_rng(seed)
    if suffix == ".csv":
        names = [one for one in declared.tables_of(stage)[output].names() if "<" not in one]
        return pd.DataFrame({name: source.uniform(size=ROWS) for name in names})
    if suffix == ".safetensors":
        return {one.name: _array(one, source) for one in declared.arrays_of(stage)[output]}
    if suffix == ".json":
        return {"number": source.uniform()}
    return Figure() if suffix == ".svg" else f"<p>{source.uniform()}</p>"


def _array(one, source):
    """Make up an array in which each axis has a size of its own."""
    axes = re.findall(r"[^,]+(?=,|$)" if "," in one.axes else r"\S+", one.axes)
    return torch.from_numpy(source.uniform(size=[2 + sum(map(ord, axis)) % 7 for axis in axes]))
