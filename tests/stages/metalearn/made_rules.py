"""Tables of meta-learned rules, made up."""

import numpy as np
import pandas as pd

POWERS = [(k, l) for k in (1, 3, 5) for l in (1, 3, 5)]
SETTINGS = {
    "metalearn": {
        "rules": {
            "mine": {"start": "random"},
            "centred": {"start": "random", "deviation": "standardised"},
        }
    },
    "retrain": {"rules": ["theta_33"]},
}
NAMES = ("mine", "centred")


def theta(seed, **columns):
    """Return theta.csv; the largest scaled coefficient is that of the last term."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(POWERS, columns=["k", "l"]).assign(scale=10.0 ** rng.uniform(-1, 2, 9))
    table["start_scaled"], table["theta_scaled"] = rng.uniform(-1, 1, (2, 9))
    table.loc[8, "theta_scaled"] = -2.5
    for name in ("start", "theta"):
        table[name] = table.scale * table[f"{name}_scaled"]
    return table.assign(**columns)


def history(seed, steps=6):
    """Return history.csv of so many steps of 24 learning runs."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({"step": np.arange(steps), "objective": -1 + 0.02 * np.arange(steps)})
    table["objective_standard_error"], table["gradient_norm"] = 0.01, 10 ** rng.normal(size=steps)
    table["median_norm"], table["longest_norm"] = table.gradient_norm, 10 * table.gradient_norm
    table["clipped"], table["dropped"] = rng.integers(0, 13, steps), 0
    table["trials_per_network"], table["trials"] = 220, 24 * 220
    for k, l in POWERS:
        table[f"theta_scaled_{k}{l}"] = rng.normal(size=steps)
        table[f"gradient_{k}{l}"] = rng.normal(size=steps)
        table[f"standard_error_{k}{l}"] = 0.0 if (k, l) == (5, 5) else 0.3
    return table


def held_out(first, taken):
    """Return held_out.csv; the second score is the best."""
    table = pd.DataFrame({"trials": [0, 20_000, 40_000], "smoothed_error_rate": [first, taken, taken + 0.1]})
    return table.assign(smoothed_error_rate_standard_error=0.02, networks=8, kept=[False, True, False])
