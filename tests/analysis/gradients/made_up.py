"""Tables of the columns that the gradient stages declare, small, made up, with the gaps that real ones have."""

import itertools

import numpy as np
import pandas as pd
import torch

from threefactor.analysis.gradients import estimators
from threefactor.derivatives.ablation import ABLATIONS, ROUNDING, WINDOW
from threefactor.stages.ablation.tables import TABLES as ABLATION
from threefactor.stages.align.tables import AT
from threefactor.stages.align.tables import TABLES as ALIGN
from threefactor.stages.validate.tables import TABLES as VALIDATE
from threefactor.stages.validate.tables import WHERE

RULES = (
    *("theta_33", "theta_11", "learned_theta33", "learned_random", "start_learned_random"),
    *("node_perturbation", "rflo", "eprop", "bptt"),
)
COMPARED = (*RULES, "shuffled")
TERMS = tuple(f"term_{k}{l}" for k, l in itertools.product((1, 3, 5), repeat=2))
SNAPSHOTS, HORIZON = (0, 200, 400), 600
QUANTITIES = ("reward_tangent", "cumulated_reward_tangent", "weight_tangent")
METHODS = (
    ("float64", "autograd", np.nan, 1e-15),
    ("float64", "complex_step", np.nan, 3e-15),
    ("float64", "reverse", np.nan, 2e-15),
    ("float32", "complex_step", np.nan, 2e-6),
    ("float64", "difference", 1e-3, 1e-6),
    ("float64", "difference", 1e-4, 1e-8),
)


def table(rows, declared):
    """Return a declared table; a row may lack what is unknown and have nothing else."""
    columns = declared.names()
    for row in rows:
        assert set(row) <= set(columns), set(row) - set(columns)
    return pd.DataFrame(rows, columns=columns)


def draws(name):
    return np.random.default_rng(sum(map(ord, name)))


def validated():
    """Yield rule, degree, gain, network and relative size of the errors of each learning run."""
    for rule, degree, gains, larger in (
        ("random_2", 2, (0.9, 1.5), 0.5),
        ("theta_33", 3, (1.5,), 1.0),
        ("learned_random", 5, (1.5,), 0.5),
    ):
        for gain, network in itertools.product(gains, range(2)):
            place = dict(zip([column.name for column in WHERE], (rule, degree, gain, network), strict=True))
            yield place, larger * gain / 1.5


def accuracy(marks=(1, 10, 20)):
    rows = [
        {**place, "precision": precision, "method": method, "step_size": step, "trial": trial,
         "quantity": quantity, "relative_error": size * trial * larger}
        for place, larger in validated()
        for precision, method, step, size in METHODS
        for trial, quantity in itertools.product(marks, QUANTITIES)
        if trial > 1 or quantity == "weight_tangent"
    ]  # fmt: skip
    return table(rows, VALIDATE["accuracy"])


def growth(trials=20):
    rows = [
        {**place, "trial": h, "reward_tangent_norm": 0.01 * h, "weight_tangent_norm": 0.1 * h,
         "lyapunov_exponent": place["gain"] - 1.3 if h in (0, 1, 10, trials) else np.nan}
        for place, _ in validated()
        for h in range(trials + 1)
    ]  # fmt: skip
    return table(rows, VALIDATE["growth"])


ERRORS = {
    **{"whole": 0.0, "reward": 0.4, "baseline": 0.2, "gate": 0.3, "clip": 2.0, "indirect": 0.05},
    **{"state": 0.31, f"{WINDOW}1": 0.95, f"{WINDOW}5": 0.8, ROUNDING: 1e-7},
}
"""Errors of the median network at the last horizon."""


def ablation(rules=("theta_33", "learned_random"), networks=12):
    """Return a table in which the clip costs most; under the second rule one network fails."""
    assert set(ABLATIONS) <= set(ERRORS)
    rows = []
    for lost, rule in enumerate(rules):
        for (name, error), horizon, over in itertools.product(
            ERRORS.items(), (40, 100), ("network", "median", "clipped")
        ):
            size = error * horizon / 100 * (1.5 if over == "clipped" else 1)
            rows.append(
                {"learning_rule": rule, "ablation": name, "horizon": horizon, "over": over, "clipped": 0.013,
                 "window": int(name.removeprefix(WINDOW)) if name.startswith(WINDOW) else np.nan,
                 "networks": networks - lost, "failed": lost,
                 "error": size, "error_low": size / 2, "error_high": 2 * size,
                 "cosine": 1 - size / 2, "cosine_low": 1 - size, "cosine_high": 1 - size / 4}
            )  # fmt: skip
    return table(rows, ABLATION["ablation"])


def at_snapshots():
    """Return the networks and snapshots that were looked at under each rule."""
    values = [(n, s, due) for n in range(4) for s, due in enumerate(SNAPSHOTS)]
    return [dict(zip([column.name for column in AT], one, strict=True)) for one in values]


def aligned(rules=RULES):
    rows = []
    for rule in rules:
        rng = draws(rule)
        for place in at_snapshots():
            for c, name in enumerate((*COMPARED, *(TERMS if rule == "theta_33" else ()))):
                for trial_type in ("all", "weighted", "aa", "ab", "ba", "bb"):
                    hidden = name == "theta_11" and place["network"] == 0
                    cosine = np.nan if hidden else 0.02 * c + 0.03 * rng.normal()
                    signal = 0.25 + 0.02 * rng.normal() if name != "start_learned_random" else -0.1
                    rows.append(
                        {**place, "cosine": cosine, "overlap": cosine, "signal": signal, "gradient_signal": 1.0,
                         "cosine_standard_error": 0.02, "norm_ratio": 1.0, "sign_agreement": 0.5 + 0.01 * c,
                         "update_norm": 1e-4, "reward": -0.9, "compared": name, "trial_type": trial_type,
                         "learning_rule": rule}
                    )  # fmt: skip
    return table(rows, ALIGN["alignment"])


def similarity(rules=RULES):
    rows = []
    for rule in rules:
        rng = draws(rule)
        for place in at_snapshots():
            names = (*RULES, *(TERMS if rule == "theta_33" else ()))
            for first, second in itertools.combinations(names, 2):
                cosine = 0.1 + 0.02 * rng.normal()
                pair = {"first": first, "second": second, "learning_rule": rule}
                rows.append({**place, **pair, "cosine": cosine, "overlap": cosine / 2})
    return table(rows, ALIGN["similarity"])


def descent(rules=RULES):
    """Return steps whose predictions hold the less far, the later a rule stands."""
    rows = []
    for r, rule in enumerate(rules):
        rng = draws(rule)
        for place in at_snapshots():
            for direction, step in itertools.product((rule, "gradient"), (1e-3, 1e-2, 1e-1)):
                predicted = 5 * step
                change = predicted * (1 - (6 + r) * step) + 1e-4 * rng.normal()
                rows.append(
                    {**place, "direction": direction, "step": step, "change": change, "predicted": predicted,
                     "standard_error": 1e-3, "learning_rule": rule}
                )  # fmt: skip
    return table(rows, ALIGN["descent"])


def criterion(rules=RULES):
    """Return, of criterion.csv, what alignment is compared with: later rules learn faster."""
    means = {rule: HORIZON if rule == "theta_11" else 500 - 40 * r for r, rule in enumerate(rules)}
    return pd.DataFrame(
        [
            {"learning_rule": rule, "restricted_mean": mean, "restricted_mean_low": mean - 30,
             "restricted_mean_high": mean + 30}
            for rule, mean in means.items()
        ]
    )  # fmt: skip


def estimated(strength):
    """Return what stage estimate writes at a strength of plasticity; reverse mode is of the longest horizon alone."""
    samples = {"difference": (1, 0.5), "evolution": (1, 3), "pathwise": (1, 0.5), "reverse": (1, 0.5)}
    samples |= dict.fromkeys(("score_total", "score_local"), (1, 4000))
    samples |= {f"{name}_running": (0.4, 300) for name in ("score_total", "score_local")}
    samples |= {f"mean_of_score_{name}": (1.2 if "total" in name else 1, 0.1) for name in ("total", "local")}
    samples |= {f"mean_of_score_{name}_running": (0.4, 0.1) for name in ("total", "local")}
    tables, errors = [], []
    for noise, horizon in itertools.product((0.5, 10.0), (25, 100)):
        rng = draws(f"{strength}{noise}{horizon}")
        found = {
            name: torch.tensor(mean * np.array([1.0, -2.0]) + spread * rng.normal(size=(8, 2)) / noise)
            for name, (mean, spread) in samples.items()
            if name != "reverse" or horizon == 100
        }
        seconds, source = dict.fromkeys(found, 0.002), torch.Generator().manual_seed(1)
        pair = estimators.compare(found, ("13", "33"), seconds, 3, generator=source)
        place = {"plasticity_strength": strength, "noise": noise, "horizon": horizon}
        tables.append(pair[0].assign(**place))
        errors.append(pair[1].assign(**place))
    return pd.concat(tables, ignore_index=True), pd.concat(errors, ignore_index=True)
