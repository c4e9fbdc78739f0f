"""Settings of small searches of constants, and stages run on them."""

from pathlib import Path

import torch

from stages.in_pieces import InPieces
from threefactor.pipeline import files, job, registry
from threefactor.pipeline.settings import load
from threefactor.stages.tune.compute import compute

CPU = torch.device("cpu")
DRAWS, NETWORKS, TRIALS, HORIZON = 5, 3, 70, 6
LEVELS = (0.965, 0.955)
TUNED = ["theta_33", "force", "rflo"]

SETTINGS = {
    "device": "cpu",
    "precision": "float64",
    "task": {"duration_ms": 200.0},
    "network": {"units": 12, "readout": "random"},
    "plasticity": {"warm_up_trials": 1, "learning_rate": 0.3, "clip": 0.05},
    "criterion": {"window": 4, "horizon": 40},
    "metalearn": {"rules": {"mine": {"start": "random"}}},
    "retrain": {
        "networks": 2, "rules": ["theta_33", "force", "rflo"], "horizon": HORIZON, "horizons": {},
        "levels": list(LEVELS), "evaluation_spacing": 0.3, "snapshots": [0],
    },
    "analyse": {"level": LEVELS[0]},
    "tune": {"rules": TUNED, "draws": DRAWS, "networks": NETWORKS, "trials": TRIALS},
    "tracking": {"uri": ""},
}  # fmt: skip


def config(root="results", **tune):
    """Return the settings, with others of tuning."""
    return load.parse({**SETTINGS, "results": str(root), "tune": {**SETTINGS["tune"], **tune}})


class WithoutInputs(InPieces):
    """A job of a rule that was not learned."""

    def by(self, name, wildcard):
        """Return no tables."""
        return {}


def tuned(settings, rule):
    """Return what the stage finds, its loop interrupted after every draw."""
    return compute(WithoutInputs("tune", settings, {"tuned_rule": rule})).outputs


def ran(stage, function, settings, **values):
    """Run a job, and return where its outputs are."""
    spec = registry.stages()[stage]
    of_job = files.of_job(settings, spec, values)
    job.run(function, settings, spec, values, of_job)
    return {name: Path(path) for name, path in of_job.outputs.items()}
