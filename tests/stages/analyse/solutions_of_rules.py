"""What stage ``retrain`` writes of a batch, made up; and one trained for real."""

import numpy as np
import torch

from threefactor.experiment import build

HORIZON, NETWORKS = 60, 4


def curves(rule, stops):
    """Return error and correctness of each trial, b h, up to where each network stopped."""
    source = np.random.default_rng(len(rule))
    error = 1 + 0.2 * source.normal(size=(NETWORKS, HORIZON)) - 0.01 * np.arange(HORIZON)
    error[np.arange(HORIZON) >= np.array(stops)[:, None]] = np.nan
    return error, np.where(np.isnan(error), np.nan, error < 1)


def solutions(settings, rule, stops=(HORIZON, 40, 50, HORIZON)):
    """Return the arrays of a batch: untrained networks that reached the criterion where they stopped early."""
    network = build.network(settings, range(NETWORKS), torch.device("cpu"), purpose="retrain")
    error, correct = curves(rule, stops)
    fields = ("input_weights", "output_weights", "clamped", "clamped_state")
    return {
        "final.weights": network.weights,
        **{name: getattr(network, name) for name in fields},
        "leak": torch.tensor([network.leak], dtype=torch.float64),
        "error": torch.tensor(error),
        "correct": torch.tensor(correct.astype(float)),
        "reached": torch.tensor(stops) < HORIZON,
        "trials_to_criterion": torch.tensor(stops),
    }
