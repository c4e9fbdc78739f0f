"""Results with files of trained networks as stage ``retrain`` writes them, made up."""

from pathlib import Path

import torch

from threefactor.experiment import build
from threefactor.pipeline.settings import load
from threefactor.pipeline.storage import arrays
from threefactor.seeding import generator

NETWORKS, UNITS, HORIZON = 3, 12, 7
LEVELS, SNAPSHOTS = [0.7, 0.5], [0, 2, 4, 6]
CROSSED = [[2, -1], [3, 5], [4, -1]]
"""Trials until each network was first at each level; the lower one is reached by the second network alone."""


def settings(folder, **changed):
    """Return settings of the experiment whose results lie in a folder; no two sizes are equal."""
    base = {
        "results": str(folder),
        "device": "cpu",
        "precision": "float64",
        "task": {"duration_ms": 200.0},
        "network": {"units": UNITS},
        "plasticity": {"warm_up_trials": 1},
        "criterion": {"window": 5, "horizon": HORIZON},
        "retrain": {
            **{"networks": NETWORKS, "batches": 2, "rules": ["theta_33", "bptt"]},
            **{"levels": LEVELS, "snapshots": [*SNAPSHOTS, 50]},
        },
        "tracking": {"uri": ""},
    }
    return base | changed


def write(folder, rule="bptt", number=0, **changed):
    """Write the settings and one batch of networks; return the path of its file."""
    config = load.parse(settings(folder, **changed))
    load.save(config, Path(folder, "config.yaml"))
    path = Path(folder, "retrain", rule, f"{number}.safetensors")
    arrays.save(path, _batch(config, rule, number))
    return path


def _batch(config, rule, number):
    """Make the arrays of a batch, whose weights change at random."""
    ids = range(number * NETWORKS, (number + 1) * NETWORKS)
    network = build.network(config, ids, torch.device("cpu"), purpose="retrain")
    source = generator(1, rule, number)
    crossed = torch.tensor(CROSSED)
    left_at = torch.tensor(SNAPSHOTS).expand(NETWORKS, -1).clone()
    left_at[1, -1] = -1
    error = torch.rand(NETWORKS, HORIZON, generator=source, dtype=network.weights.dtype)
    error[1, 5:] = torch.nan
    optional = {name: part for name in ("exists", "sign") if (part := getattr(network, name)) is not None}
    shared = ("input_weights", "clamped", "clamped_state")
    return {
        **optional,
        "initial.weights": network.weights,
        "initial.output_weights": network.output_weights,
        "final.weights": _changed(network.weights, source),
        "final.output_weights": _changed(network.output_weights, source),
        **{name: getattr(network, name) for name in shared},
        "leak": torch.tensor([network.leak], dtype=torch.float64),
        "error": error,
        "correct": (error < 0.5).to(error.dtype),
        "criterion_trial": torch.tensor([6, -1, -1]),
        "diverged": torch.tensor([False, True, False]),
        "level": torch.tensor(LEVELS, dtype=torch.float64),
        **_kept("level", crossed, network, source),
        **_kept("snapshot", left_at, network, source),
    }


def _kept(point, trial, network, source):
    """Make the weights that were kept at a point of learning, zero where a network never came there."""
    was = (trial >= 0)[..., None, None]
    return {
        f"{point}.trial": trial,
        **{
            f"{point}.{name}": torch.stack(
                [_changed(getattr(network, name), source) for _ in range(trial.shape[1])], 1
            )
            * was
            for name in ("weights", "output_weights")
        },
    }


def _changed(weights, source):
    """Return weights with a random change, where there are any."""
    noise = torch.randn(weights.shape, generator=source, dtype=weights.dtype)
    return weights * (1 + 0.1 * noise)
