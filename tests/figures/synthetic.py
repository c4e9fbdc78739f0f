"""Results of the right shape and no meaning, small, with the gaps that real ones have."""

import itertools

import numpy as np
import pandas as pd
import torch

from threefactor.analysis.learning.search import Sought, searches
from threefactor.analysis.transfer.published import Published, published_table
from threefactor.analysis.transfer.speed import rules_table, waiting_table

NETWORKS, HORIZON = 12, 600
POWERS = list(itertools.product((1, 3, 5), repeat=2))


def draws(name: str) -> np.random.Generator:
    return np.random.default_rng(sum(map(ord, name)))


def theta() -> pd.DataFrame:
    rng = draws("theta")
    pre, post = np.array(POWERS).T
    scaled, start, scale = rng.normal(size=(2, 9)), rng.normal(size=9), 10.0 ** rng.uniform(-1, 2, 9)
    return pd.DataFrame(
        {
            "k": pre,
            "l": post,
            "start": scale * start,
            "theta": scale * scaled[0],
            "scale": scale,
            "start_scaled": start,
            "theta_scaled": scaled[0],
        }
    )


def history(rule: str, steps: int = 12) -> pd.DataFrame:
    rng = draws(rule)
    table = pd.DataFrame({"step": np.arange(steps), "objective": -1 + 0.02 * np.arange(steps)})
    table["objective_standard_error"] = 0.01
    table["gradient_norm"] = 10 ** rng.normal(size=steps)
    table["clipped"], table["dropped"], table["trials"] = rng.integers(0, 13, steps), 0, 24 * 220
    table["median_norm"], table["longest_norm"] = table.gradient_norm, 10 * table.gradient_norm
    for pre, post in POWERS:
        table[f"theta_scaled_{pre}{post}"] = rng.normal() + 0.1 * rng.normal(size=steps).cumsum()
        table[f"gradient_{pre}{post}"] = rng.normal(size=steps)
        table[f"standard_error_{pre}{post}"] = 0.0 if (pre, post) == (5, 5) else 0.3
    return table


def held_out(rule: str) -> pd.DataFrame:
    rng = draws(rule)
    step = np.array([0, 5, 10])
    table = pd.DataFrame({"step": step, "trials": 4000 * step, "held_out_trials": 2000 * (1 + np.arange(3))})
    table["networks"], table["failed"], table["reached"] = 8, 0, 3
    table["smoothed_error_rate"] = 0.5 - 0.01 * step + 0.01 * rng.normal(size=3)
    table["change"] = table.smoothed_error_rate - table.smoothed_error_rate[0]
    for name in ("smoothed_error_rate", "change"):
        table[f"{name}_standard_error"] = 0.02
    table["error"], table["restricted_mean"], table["kept"] = 0.9, 240.0, step == 10
    return table


def searched() -> pd.DataFrame:
    """Two rules by derivatives, the second of which never gets far, and two by evolution, the last of another kind."""
    sought = {
        "learned_random": Sought("odd", "reverse", "learned_random"),
        "slow": Sought("odd", "pathwise", "slow"),
        "evolved": Sought("odd", "evolution", "evolved"),
        "other": Sought("all", "evolution", "other"),
    }
    tables = {rule: held_out(rule) for rule in sought}
    tables["learned_random"]["smoothed_error_rate"] = [0.5, 0.4, 0.2]
    tables["slow"]["smoothed_error_rate"] = [0.5, 0.49, 0.48]
    tables["evolved"]["smoothed_error_rate"] = [0.5, 0.4, 0.3]
    tables["evolved"]["trials"] *= 50
    return searches(tables, sought)


def transferred() -> pd.DataFrame:
    """Make a row per condition, rule and network, as stage ``transfer`` writes them."""
    rng, parts = draws("transferred"), []
    for condition, scale in {"tuned": 1.0, "old_constants": 1.6, "larger_network": 0.8}.items():
        common = rng.normal(0, 0.3, NETWORKS)
        for rule, ratio in {"theta_33": 1.0, "learned_random": 0.8, "node_perturbation": 0.5}.items():
            noise = common + rng.normal(0, 0.1, NETWORKS)
            trials = np.minimum(300 * scale * ratio * np.exp(noise), HORIZON).round()
            rows = {"condition": condition, "learning_rule": rule, "network": np.arange(NETWORKS)}
            last = {"error_last": 0.8, "accuracy_last": 0.93, "diverged": False}
            ends = {"reached": trials < HORIZON, "trials_to_criterion": trials, "trials": trials}
            parts.append(pd.DataFrame(rows | last | ends | {"horizon": HORIZON}))
    return pd.concat(parts, ignore_index=True)


def judged() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Make the tables of rules, of waiting networks, and of what is published."""
    networks, counts = transferred(), draws("counts").multinomial(NETWORKS, [1 / NETWORKS] * NETWORKS, 200)
    rules = rules_table(networks, counts.astype(float), "tuned", "old_constants")
    papers = {"old_constants": Published(400.0, (300.0, 500.0), 5)}
    source = torch.Generator().manual_seed(1)
    return rules, waiting_table(networks), published_table(networks, rules, papers, 50, generator=source)


FOUND = ("theta_33", "learned_theta33", "learned_random")


def _scored(rng: np.random.Generator, rows: int) -> pd.DataFrame:
    """Return scores, the first those of the reference."""
    change = np.concatenate([[0.0], 0.02 * rng.normal(size=rows - 1)])
    table = pd.DataFrame({"networks": 8, "failed": 0, "smoothed_error_rate": 0.45 + change, "change": change})
    for name, width in (("smoothed_error_rate", 0.03), ("change", 0.01)):
        table[f"{name}_low"], table[f"{name}_high"] = table[name] - width, table[name] + width
    table["restricted_mean"], table["error"], table["reached"] = 240.0, 0.95, 1
    return table


def members() -> pd.DataFrame:
    table = pd.DataFrame({"learning_rule": FOUND, "member": ["", "odd", "odd"], "cluster": [2, 1, 1]})
    table["threshold"], table["terms"] = 0.2, [1, 9, 9]
    return pd.concat([table, _scored(draws("members"), 3)], axis=1)


def distances() -> pd.DataFrame:
    rows = [
        {"first": a, "second": b, "same_member": a != "theta_33", "theta_distance": 0.3}
        for a, b in itertools.combinations(FOUND, 2)
    ]
    table = pd.DataFrame(rows).assign(function_distance_untrained=0.25)
    return table.assign(function_distance_learning=np.where(table.same_member, 0.2, 0.5))


def rank() -> pd.DataFrame:
    rows = [
        ("learned_theta33", b, t, 9, 1.5 + 0.1 * b, 3 + 0.1 * t**0.5, 4.0)
        for b in range(3)
        for t in (1, 10, 100)
    ]
    names = "learning_rule network trial terms participation_ratio effective_rank effective_rank_alone"
    return pd.DataFrame(rows, columns=names.split())


def pruned() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return path.csv and worth.csv of one rule."""
    rng = draws("pruned")
    path = pd.DataFrame({"weight": [0.0, 0.01, 0.1], "terms": [9, 5, 2], "trials": [0, 100, 200]})
    path = pd.concat([path, _scored(rng, 3)], axis=1)
    for n, (k, l) in enumerate(POWERS):
        path[f"theta_scaled_{k}{l}"] = rng.normal(size=3) * (n < path.terms)
    names = ["nothing", *(f"{k}{l}" for k, l in POWERS)]
    worth = pd.DataFrame({"without": names, "theta_scaled": [np.nan, *rng.normal(size=9)]})
    return path, pd.concat([worth, _scored(rng, 10)], axis=1)


def recovered() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return terms.csv and coverage.csv of two rules, and of one that could not be told."""
    parts, rows = [], []
    for rule in ("theta_33", "random_5"):
        rng = draws(rule)
        for data in ("no noise", "changes ± 0.1 rms", "rates ± 0.01"):
            k, l = np.array(POWERS).T
            table = pd.DataFrame(
                {"learning_rule": rule, "data": data, "k": k, "l": l, "unit": 0.5, "trials": 60}
            )
            table["true"] = rng.normal(size=9)
            table["recovered"], table["relative_error"], table["found"] = table.true + 0.01, 0.1, k == 3
            table["low"], table["high"] = table.recovered - 0.1, table.recovered + 0.1
            parts.append(table)
        for noise in (0.1, 1.0):
            row = {"learning_rule": rule, "noise": noise, "repeats": 20, "coverage": 0.95, "found": 0.8}
            row |= {"coverage_low": 0.93, "coverage_high": 0.97, "error": noise, "error_low": noise / 2}
            rows.append(
                row | {"error_high": 2 * noise, "false_alarms": np.nan if rule == "random_5" else 0.0}
            )
    lost = pd.DataFrame({"learning_rule": ["learned_random"]})
    return pd.concat([*parts, lost], ignore_index=True), pd.DataFrame(rows)
