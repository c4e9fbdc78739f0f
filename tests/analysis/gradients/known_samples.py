"""Samples of estimators whose law is known."""

import torch

from threefactor import seeding
from threefactor.analysis.gradients import estimators

TERMS = ("13", "33")
TRUTH = torch.tensor([3.0, -4.0], dtype=torch.float64)


def samples(networks=4000, seed=0):
    """Return a truth that differs between networks, and estimators of it: exact, biased, noisy or failing."""
    draw = {"generator": torch.Generator().manual_seed(seed), "dtype": torch.float64}
    truth = TRUTH + 2 * torch.randn(networks, 2, **draw)
    noise = 50 * torch.randn(networks, 2, **draw)
    failing = truth.clone()
    failing[1] = torch.nan
    return {
        "difference": truth,
        "pathwise": truth + 1e-3 * torch.randn(networks, 2, **draw),
        "evolution": truth + torch.tensor([0.0, 1.0]) + 0.5 * torch.randn(networks, 2, **draw),
        "score_total": 1.25 * truth + noise,
        "mean_of_score_total": 1.25 * truth,
        "reverse": failing,
    }


def compared(resamples=40, **options):
    found = samples(**options)
    seconds = dict.fromkeys(found, 0.002)
    tables = estimators.compare(found, TERMS, seconds, resamples, generator=seeding.generator(0, "test"))
    return [table.assign(plasticity_strength="strong", noise=0.5, horizon=40) for table in tables]


def row(table, estimator, term):
    (found,) = table[(table.estimator == estimator) & (table.term == term)].to_dict("records")
    return found
