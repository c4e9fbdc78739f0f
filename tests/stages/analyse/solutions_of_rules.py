"""Arrays that stage ``retrain`` writes of a batch, made up, as far as the figure of one trial reads them."""

import numpy as np
import torch

from threefactor.experiment import build

HORIZON, NETWORKS = 60, 4
REACHED = (-1, 40, 50, 30)
"""Trials until each network reached the criterion; the first one never did."""


def solutions(settings, rule, reached=REACHED):
    """Return the arrays of a batch: untrained networks, the last of which diverged before its final trial."""
    network = build.network(settings, range(NETWORKS), torch.device("cpu"), purpose="retrain")
    source = np.random.default_rng(len(rule))
    error = 1 + 0.2 * source.normal(size=(NETWORKS, HORIZON)) - 0.01 * np.arange(HORIZON)
    error[-1, -1] = np.nan
    return {
        "final.weights": network.weights,
        "final.output_weights": network.output_weights,
        **{name: getattr(network, name) for name in ("input_weights", "clamped", "clamped_state")},
        "leak": torch.tensor([network.leak], dtype=torch.float64),
        "error": torch.tensor(error),
        "criterion_trial": torch.tensor(reached),
    }
