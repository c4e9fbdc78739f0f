"""Results of the right shape and no meaning, small, with the gaps that real ones have."""

import itertools

import numpy as np
import pandas as pd
import torch

from threefactor.analysis.gradients import estimators
from threefactor.analysis.learning.search import Sought, searches
from threefactor.analysis.transfer.published import Published, published_table
from threefactor.analysis.transfer.speed import rules_table, waiting_table
from threefactor.plotting.one_trial import OneTrial

RULES = (
    "theta_33",
    "theta_11",
    "learned_theta33",
    "learned_random",
    "start_learned_random",
    "node_perturbation",
    "rflo",
    "eprop",
    "bptt",
)
ANALYSED = tuple(rule for rule in RULES if rule != "theta_11")  # θ₁₁ never reaches the criterion
NETWORKS, HORIZON = 12, 600
PERIODS = {"sample": (0.0, 200.0), "delay": (200.0, 800.0), "decision": (800.0, 1000.0)}
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


def accuracy(marks: tuple[int, ...] = (1, 10, 20)) -> pd.DataFrame:
    quantities = ("reward_tangent", "cumulated_reward_tangent", "weight_tangent")
    rows = [
        (
            rule,
            degree,
            gain,
            network,
            precision,
            method,
            step,
            trial,
            quantity,
            size * trial * larger * gain / 1.5,
        )
        for rule, degree, gains, larger in (
            ("random_2", 2, (0.9, 1.5), 0.5),
            ("theta_33", 3, (1.5,), 1.0),
            ("learned_random", 5, (1.5,), 0.5),
        )
        for gain in gains
        for network in range(2)
        for precision, method, step, size in (
            ("float64", "autograd", np.nan, 1e-15),
            ("float64", "complex_step", np.nan, 3e-15),
            ("float64", "reverse", np.nan, 2e-15),
            ("float32", "complex_step", np.nan, 2e-6),
            ("float64", "difference", 1e-3, 1e-6),
            ("float64", "difference", 1e-4, 1e-8),
        )
        for trial in marks
        for quantity in quantities
        if trial > 1 or quantity == "weight_tangent"
    ]
    names = "learning_rule degree gain network precision method step_size trial quantity relative_error"
    return pd.DataFrame(rows, columns=names.split())


def growth(trials: int = 20) -> pd.DataFrame:
    sampled = accuracy()[["learning_rule", "degree", "gain", "network"]].drop_duplicates()
    rows = [
        (*one, h, 0.01 * h, 0.1 * h, one.gain - 1.3 if h in (0, 1, 10, trials) else np.nan)
        for one in sampled.itertuples(index=False)
        for h in range(trials + 1)
    ]
    names = (
        "learning_rule degree gain network trial reward_tangent_norm weight_tangent_norm lyapunov_exponent"
    )
    return pd.DataFrame(rows, columns=names.split())


def omissions(rules: tuple[str, ...] = ("theta_33", "learned_random")) -> pd.DataFrame:
    """Return a table in which the clip costs most; under the second rule one network fails."""
    errors = {
        "whole": 0.0,
        "reward": 0.4,
        "baseline": 0.2,
        "gate": 0.3,
        "clip": 2.0,
        "indirect": 0.05,
        "state": 0.31,
    }
    errors |= {"window_1": 0.95, "window_5": 0.8, "rounding": 1e-7}
    rows = []
    for lost, rule in enumerate(rules):
        for (name, error), horizon, over in itertools.product(
            errors.items(), (40, 100), ("network", "median", "robust")
        ):
            size = error * horizon / 100 * (1.5 if over == "robust" else 1)
            row = {
                "learning_rule": rule,
                "ablation": name,
                "horizon": horizon,
                "over": over,
                "clipped": 0.013,
            }
            row |= {"networks": NETWORKS - lost, "failed": lost}
            row["window"] = int(name[7:]) if name.startswith("window_") else np.nan
            row |= {"error": size, "error_low": size / 2, "error_high": 2 * size}
            row |= {"cosine": 1 - size / 2, "cosine_low": 1 - size, "cosine_high": 1 - size / 4}
            rows.append(row)
    return pd.DataFrame(rows)


COMPARED = (*RULES, "shuffled")
TERMS = tuple(f"term_{k}{l}" for k, l in POWERS)
SNAPSHOTS = (0, 200, 400)


def stops(rule: str, network: int) -> int:
    return HORIZON if rule == "theta_11" else 250 + 60 * network


def at_snapshots(rule: str) -> list[dict[str, object]]:
    """Return the networks and snapshots that were looked at under a rule."""
    return [
        {
            "learning_rule": rule,
            "network": n,
            "snapshot": s,
            "trial": min(due, stops(rule, n)),
            "reached": rule != "theta_11",
        }
        for n in range(4)
        for s, due in enumerate(SNAPSHOTS)
    ]


def estimated(regime: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what stage estimate writes of a regime; reverse mode is of the longest horizon alone."""
    samples = {"difference": (1, 0.5), "evolution": (1, 3), "pathwise": (1, 0.5), "reverse": (1, 0.5)}
    samples |= dict.fromkeys(("score_total", "score_local"), (1, 4000))
    samples |= {f"{name}_running": (0.4, 300) for name in ("score_total", "score_local")}
    samples |= {f"mean_of_score_{name}": (1.2 if "total" in name else 1, 0.1) for name in ("total", "local")}
    samples |= {f"mean_of_score_{name}_running": (0.4, 0.1) for name in ("total", "local")}
    tables, errors = [], []
    for noise in (0.5, 10.0):
        for horizon in (25, 100):
            rng = draws(f"{regime}{noise}{horizon}")
            found = {
                name: torch.tensor(mean * np.array([1.0, -2.0]) + spread * rng.normal(size=(8, 2)) / noise)
                for name, (mean, spread) in samples.items()
                if name != "reverse" or horizon == 100
            }
            seconds = dict.fromkeys(found, 0.002)
            generator = torch.Generator().manual_seed(1)
            pair = estimators.compare(found, ("13", "33"), seconds, 3, generator=generator)
            place = {"regime": regime, "noise": noise, "horizon": horizon}
            tables.append(pair[0].assign(**place))
            errors.append(pair[1].assign(**place))
    return pd.concat(tables, ignore_index=True), pd.concat(errors, ignore_index=True)


def aligned() -> pd.DataFrame:
    rows = []
    for rule in RULES:
        rng = draws(rule)
        for place in at_snapshots(rule):
            for c, name in enumerate((*COMPARED, *(TERMS if rule == "theta_33" else ()))):
                for kind in ("all", "weighted", "aa", "ab", "ba", "bb"):
                    hidden = name == "theta_11" and place["network"] == 0
                    cosine = np.nan if hidden else 0.02 * c + 0.03 * rng.normal()
                    signal = 0.25 + 0.02 * rng.normal() if name != "start_learned_random" else -0.1
                    values = {"cosine": cosine, "overlap": cosine, "signal": signal, "gradient_signal": 1.0}
                    more = {
                        "cosine_standard_error": 0.02,
                        "norm_ratio": 1.0,
                        "sign_agreement": 0.5 + 0.01 * c,
                    }
                    size = {"update_norm": 1e-4, "reward": -0.9, "compared": name, "trial_type": kind}
                    rows.append({**place, **values, **more, **size})
    return pd.DataFrame(rows)


def similarity() -> pd.DataFrame:
    rows = []
    for rule in RULES:
        rng = draws(rule)
        for place in at_snapshots(rule):
            names = (*RULES, *(TERMS if rule == "theta_33" else ()))
            for first, second in itertools.combinations(names, 2):
                cosine = 0.1 + 0.02 * rng.normal()
                rows.append(
                    {**place, "first": first, "second": second, "cosine": cosine, "overlap": cosine / 2}
                )
    return pd.DataFrame(rows)


def descent() -> pd.DataFrame:
    rows = []
    for rule in RULES:
        rng = draws(rule)
        for place in at_snapshots(rule):
            for direction in (rule, "gradient"):
                for step in (1e-3, 1e-2, 1e-1):
                    predicted = 5 * step
                    change = predicted * (1 - 8 * step) + 1e-4 * rng.normal()
                    found = {"change": change, "predicted": predicted, "standard_error": 1e-3}
                    rows.append({**place, "direction": direction, "step": step, **found})
    return pd.DataFrame(rows)


def errors(rule: str) -> tuple[np.ndarray, np.ndarray]:
    rng = draws(rule)
    trial = np.arange(HORIZON)
    error = (
        1 + 0.2 * rng.normal(size=(NETWORKS, HORIZON)) - (0.6 * trial / HORIZON if rule != "theta_11" else 0)
    )
    if rule != "theta_11":
        stop = rng.integers(150, HORIZON, NETWORKS)
        error[trial[None] >= stop[:, None]] = np.nan
    return error, np.where(np.isnan(error), np.nan, error < 1)


def criterion() -> pd.DataFrame:
    rows = []
    for r, rule in enumerate(RULES):
        none = rule == "theta_11"
        mean, share = (HORIZON, 0.0) if none else (500 - 40 * r, 0.9)
        row = {
            "learning_rule": rule,
            "networks": NETWORKS,
            "reached": 0 if none else 10,
            "reached_fraction": share,
        }
        row |= {"reached_low": max(0, share - 0.15), "reached_high": min(1, share + 0.1)}
        row |= {"restricted_mean": mean, "restricted_mean_low": mean - 30, "restricted_mean_high": mean + 30}
        row |= {
            "ratio_to_theta_33": mean / 500,
            "ratio_low": mean / 500 - 0.08,
            "ratio_high": mean / 500 + 0.08,
        }
        row |= {"median": np.nan if none else mean, "iqr_low": np.nan, "iqr_high": np.nan}
        row |= {"accuracy": np.nan if none else 0.93, "logrank_p": 0.01, "analysed": 0 if none else 10}
        rows.append(row | {"horizon": HORIZON})
    return pd.DataFrame(rows)


def survival() -> pd.DataFrame:
    parts = []
    for rule in RULES:
        trial = (
            np.array([0, HORIZON]) if rule == "theta_11" else np.sort(draws(rule).integers(150, HORIZON, 10))
        )
        waiting = np.ones(2) if rule == "theta_11" else np.linspace(1, 0.1, 10)
        low, high = (waiting - 0.1).clip(0), (waiting + 0.1).clip(max=1)
        table = {
            "learning_rule": rule,
            "trial": trial,
            "waiting": waiting,
            "low": low,
            "high": high,
            "at_risk": 1,
        }
        parts.append(pd.DataFrame(table))
    return pd.concat(parts, ignore_index=True)


def networks() -> pd.DataFrame:
    rows = []
    for rule in RULES:
        rng = draws(rule)
        for network in range(NETWORKS):
            row = {"learning_rule": rule, "network": network, "batch": 0, "reached": rule != "theta_11"}
            row["analysed"], row["trials_to_criterion"] = rule != "theta_11", int(rng.integers(150, HORIZON))
            for name in ("relative_change", "rank_participation", "participation_ratio"):
                row[name] = rng.uniform(0.1, 3) if row["analysed"] else np.nan
            row["stable_fixed_points"] = rng.integers(0, 3) if row["analysed"] and network < 3 else np.nan
            rows.append(row)
    return pd.DataFrame(rows)


def decoding() -> pd.DataFrame:
    time = np.arange(20, 1001, 20.0)
    parts = []
    for rule in ANALYSED:
        for variable in ("first", "second", "choice"):
            value = 0.5 + 0.5 * np.exp(-(((time - 300) / 300) ** 2))
            row = {"learning_rule": rule, "variable": variable, "time_ms": time, "accuracy": value}
            parts.append(pd.DataFrame(row | {"low": value - 0.1, "high": value + 0.05, "networks": 10}))
    return pd.concat(parts, ignore_index=True)


def spectrum(units: int = 24) -> pd.DataFrame:
    parts = []
    for rule in ANALYSED:
        rng = draws(rule)
        for network in range(3):
            table = pd.DataFrame(
                {"learning_rule": rule, "network": network, "index": np.arange(1, units + 1)}
            )
            table["singular_value"] = np.exp(-0.3 * table["index"])
            for name in ("initial_real", "initial_imaginary", "final_real", "final_imaginary"):
                table[name] = rng.normal(size=units)
                table.loc[units - 3 :, name] = np.nan  # clamped units have no eigenvalue
            parts.append(table)
    return pd.concat(parts, ignore_index=True)


def fixed_points() -> pd.DataFrame:
    rows = []
    for rule in ANALYSED:
        rng = draws(rule)
        for network in range(3):
            for index in range(3):
                real = rng.normal()
                row = (rule, network, "none", index, real < 0, real, *rng.uniform(-1, 1, 4))
                rows.append(row)
    names = "learning_rule network condition index stable largest_real output pc1 pc2 pc3"
    return pd.DataFrame(rows, columns=names.split())


def embedding() -> pd.DataFrame:
    parts = []
    for distance in ("cka", "procrustes"):
        for r, rule in enumerate(ANALYSED):
            rng = draws(rule + distance)
            table = {"distance": distance, "learning_rule": rule, "network": np.arange(10)}
            table |= {
                "x": 0.1 * r + 0.1 * rng.normal(size=10),
                "y": 0.1 * rng.normal(size=10),
                "explained": 0.41,
            }
            parts.append(pd.DataFrame(table))
    return pd.concat(parts, ignore_index=True)


def spread() -> pd.DataFrame:
    rows = [
        {
            "learning_rule": rule,
            "quantity": quantity,
            "networks": 10,
            "estimate": 0.6 + 0.03 * r,
            "low": 0.55 + 0.03 * r,
            "high": 0.66 + 0.03 * r,
            "ratio_to_bptt": np.nan if rule == "bptt" else 1.2,
            "ratio_low": 1.05,
            "ratio_high": 1.4,
        }
        for quantity in ("cka", "procrustes", "participation_ratio")
        for r, rule in enumerate(ANALYSED)
    ]
    return pd.DataFrame(rows)


def permanova() -> pd.DataFrame:
    rows = [
        {
            "distance": distance,
            "test": test,
            "factor": factor,
            "groups": 6,
            "networks": 60,
            "statistic": 3.2,
            "effect": 0.21,
            "chance": 0.17 if test == "classification" else np.nan,
            "p": 0.001,
            "permutations": 999,
            "permuted_within": "initialisation" if factor == "learning_rule" else "learning_rule",
        }
        for distance in ("cka", "procrustes")
        for test in ("permanova", "dispersion", "classification")
        for factor in ("learning_rule", "initialisation")
    ]
    return pd.DataFrame(rows)


def one_trial(steps: int = 100, units: int = 5) -> OneTrial:
    rng = draws("trial")
    kick = np.where(rng.random((steps, units)) < 0.02, rng.uniform(-0.5, 0.5, (steps, units)), 0)
    inputs = np.zeros((steps, 2))
    inputs[:20, 0], inputs[40:60, 1] = 1, 1
    window = np.where(np.arange(steps) >= 80, 1 / 20, 0)
    smooth = 0.03 * rng.normal(size=(steps, units)).cumsum(0)
    return OneTrial(
        time=10.0 * np.arange(1, steps + 1),
        inputs=inputs,
        rate=np.tanh(smooth),
        deviation=0.02 * rng.normal(size=(steps, units)) - kick,
        kick=kick,
        units=np.array([3, 7, 19, 40, 77]),
        output=np.linspace(-0.2, 0.9, steps)[:, None],
        target=np.full((steps, 1), 0.98),
        window=window,
        eligibility=rng.normal(size=(32, 32)) ** 3,
        error=np.r_[1 - 0.001 * np.arange(500), [np.nan] * 100],
        periods=PERIODS,
        kind="ab",
        rule="theta_33",
    )


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
