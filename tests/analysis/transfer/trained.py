"""Networks that learned under conditions, made up: rules differ by a factor."""

import numpy as np
import pandas as pd

NETWORKS, HORIZON, DRAWS = 7, 90, 40
SCALES = {"tuned": 1.0, "old": 1.7}
RATIOS = {"theta_33": 1.0, "mine": 0.7, "node_perturbation": 0.4}


def networks(ratios=RATIOS):
    """Make networks whose trials to criterion are shared by the rules but for a factor."""
    rng, parts = np.random.default_rng(3), []
    for condition, scale in SCALES.items():
        for rule, ratio in ratios.items():
            trials = np.minimum(scale * ratio * rng.uniform(30, 80, NETWORKS), HORIZON).round()
            columns = {"condition": condition, "learning_rule": rule, "network": np.arange(NETWORKS)}
            reached = {"trials_to_criterion": trials, "reached": trials < HORIZON, "trials": trials}
            last = {"error_last": 0.5, "accuracy_last": 0.9, "diverged": False, "horizon": HORIZON}
            parts.append(pd.DataFrame(columns | reached | last))
    table = pd.concat(parts, ignore_index=True)
    return table.sample(frac=1, random_state=1).sort_values(["condition", "learning_rule"], kind="stable")


def samples():
    """Return samples of networks, and how often each network is in each."""
    chosen = np.random.default_rng(4).integers(0, NETWORKS, (DRAWS, NETWORKS))
    return chosen, np.array([np.bincount(row, minlength=NETWORKS) for row in chosen], float)


def trials(table, condition, rule):
    own = table[(table.condition == condition) & (table.learning_rule == rule)]
    return own.set_index("network").trials_to_criterion.sort_index().to_numpy()


def row(table, condition, rule):
    return table[(table.condition == condition) & (table.learning_rule == rule)].iloc[0]
