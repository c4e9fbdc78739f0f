"""Made-up tables of all stages that the headline numbers are taken from."""

import numpy as np
import pandas as pd

from made import crossed
from threefactor.analysis.learning.endings import ENDINGS
from threefactor.analysis.solutions.comparison_columns import CRITERION, LEVELS, SPREAD, TESTS

RULES = ["theta_33", "theta_11", "bptt"]
LOST = ["theta_11"]  # which never reaches the criterion


def criterion():
    return crossed(
        CRITERION,
        learning_rule=RULES,
        networks=12,
        median=lambda table: np.where(table.learning_rule.isin(LOST), np.nan, 300.0),
        horizon=600,
    )


def levels():
    """Return a table in which nobody reaches the last level."""
    return crossed(
        LEVELS,
        level=[0.7, 0.25],
        learning_rule=RULES,
        networks=12,
        reached=lambda table: np.where(table.level == 0.7, 10, 0),
        error=lambda table: np.where(table.level == 0.7, 0.65, np.nan),
        horizon=500,
    )


def endings():
    return crossed(ENDINGS, learning_rule=RULES, networks=12, trials=500, diverged=[2])


def spread():
    return crossed(
        SPREAD,
        level=0.5,
        quantity=["cka", "procrustes", "participation_ratio"],
        learning_rule=["theta_33", "bptt"],
        ratio_to_bptt=lambda table: np.where(table.learning_rule == "bptt", np.nan, 1.2),
    )


def comparisons():
    tests = ["permanova", "dispersion", "classification"]
    return crossed(
        TESTS,
        level=0.5,
        distance=["cka", "procrustes"],
        test=tests,
        factor=["learning_rule", "initialisation"],
    )


def theta():
    return pd.DataFrame({"k": [1, 3], "l": [3, 3], "theta": [2.0, -1.0], "theta_scaled": [0.5, -1.0]})


def history():
    table = pd.DataFrame({"step": [0, 1], "objective": [-1.0, -0.5], "trials": [240, 240]})
    table["gradient_13"], table["standard_error_13"] = [3.0, -8.0], [1.0, 2.0]
    return table.assign(gradient_33=1.0, standard_error_33=0.0)


def accuracy():
    """Return errors of one exact method, and of differences with two sizes of step."""
    rows = [("float64", "autograd", np.nan, 1e-15), ("float64", "autograd", np.nan, 3e-15)]
    rows += [("float64", "difference", 1e-3, 1e-6), ("float64", "difference", 1e-4, 1e-8)]
    rows += [("float64", "difference", 1e-4, 2e-8)]
    table = pd.DataFrame(rows, columns=["precision", "method", "step_size", "relative_error"])
    return table.assign(quantity="reward_tangent")


def aligned():
    rows = [
        {"learning_rule": "bptt", "network": n, "snapshot": s, "trial": 200 * s, "cosine": 0.2 + 0.1 * s}
        for n in range(3)
        for s in range(2)
    ]
    more = {"compared": "bptt", "trial_type": "all", "overlap": 0.2, "signal": 0.3, "gradient_signal": 1.0}
    return pd.DataFrame(rows).assign(**more, sign_agreement=0.5, update_norm=1.0)
