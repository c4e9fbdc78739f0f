"""Settings of small searches of hand-made rules."""

from stages.in_pieces import InPieces
from threefactor.pipeline.settings import load
from threefactor.stages.rivals.compute import compute

NETWORKS, TRIALS, STEPS, DRAWS = 2, 12, 3, 7

SETTINGS = {
    "device": "cpu",
    "precision": "float64",
    "task": {"duration_ms": 200.0},
    "network": {"units": 12, "readout": "random"},
    "perturbation": {"rate_per_ms": 0.05},
    "plasticity": {"warm_up_trials": 1, "learning_rate": 0.3, "clip": 0.05},
    "criterion": {"window": 4, "horizon": 40},
    "metalearn": {
        "degree": 2, "scaling_networks": 2, "networks": NETWORKS, "trials": TRIALS, "steps": STEPS,
        "rules": {"mine": {"start": "random"}},
    },
    "retrain": {"rules": ["mine"], "horizon": 20, "levels": [0.97], "horizons": {}, "snapshots": [0]},
    "analyse": {"level": 0.97},
    "rivals": {
        "learned_rule": "mine", "networks": NETWORKS, "trials": TRIALS, "draws": DRAWS, "sums": 3,
        "held_out_networks": 3,
        "horizon": 30, "bootstraps": 50, "deviations": ["standardised", "raw"], "judged": 1,
        "references": ["theta_33", "start_mine"],
    },
    "tracking": {"uri": ""},
}  # fmt: skip


def config(root="results", **rivals):
    """Return the settings, with others of rivals."""
    return load.parse({**SETTINGS, "results": str(root), "rivals": {**SETTINGS["rivals"], **rivals}})


def tuned(settings, family):
    """Return what the stage finds, its loop interrupted after every draw."""
    return compute(InPieces("rivals", settings, {"family": family})).outputs
