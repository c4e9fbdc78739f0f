"""Estimate constants of a rule that are unknown: values that fit best, and profile likelihood intervals."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import minimize, minimize_scalar
from scipy.stats import chi2

from threefactor.analysis.recovery.recording import Blocks, Recording, Terms, blocks, gates
from threefactor.analysis.recovery.regression import left_over
from threefactor.contract import Rule

BOUNDS = {
    "trace_decay": (0.0, 0.95),
    "eligibility_decay": (0.7, 1.0),
    "baseline_decay": (0.0, 0.99),
    "baseline_exponent": (0.0, 4.0),
}
"""Constants that can be searched for, and where; the decays are per step, that of the baseline per trial of a type."""

COARSE = 7  # values that are looked at before the search
ROUNDS = 2  # over all constants that are searched for, before they move together
ROUNDING = 1e-14  # share of the squared changes that may be left by rounding alone
STEPS = (-3.0, -2.2, -1.6, -1.0, -0.4, 0.0, 0.4, 1.0, 1.6, 2.2, 3.0)  # of the curve, in standard deviations
LEVEL = 0.95


class Profile(NamedTuple):
    """Estimate of one constant, the others being fixed."""

    best: float
    low: float
    high: float
    curve: pd.DataFrame  # value, likelihood_ratio


def get(rule: Rule, name: str) -> float:
    """Return a constant of a polynomial rule."""
    return float(rule.baseline_decay if name == "baseline_decay" else getattr(rule.params, name))


def put(rule: Rule, name: str, value: float) -> Rule:
    """Return the rule with another constant."""
    if name == "baseline_decay":
        return rule._replace(baseline_decay=value)
    return rule._replace(params=rule.params._replace(**{name: value}))


def search(rule: Rule, recording: Recording, terms: Terms, names: Sequence[str]) -> Rule:
    """Return the rule with the values of these constants that leave the least residual, all others being fixed.

    Each is searched for over its bounds, one after the other; then all move together (Powell's method).
    """
    loss = _loss(rule, recording, terms, names)
    values = [get(rule, name) for name in names]
    for _ in range(1 if len(names) == 1 else ROUNDS):
        for at, name in enumerate(names):
            values[at] = _least(partial(_moved, loss, values, at), BOUNDS[name])
    if len(names) > 1:
        bounds = [BOUNDS[name] for name in names]
        found = minimize(  # type: ignore[call-overload]
            lambda x: np.float64(loss(x.tolist())),
            np.array(values),
            method="Powell",
            bounds=bounds,
            options={"xtol": 1e-4, "ftol": 1e-6},
        )
        values = found.x.tolist()
    for name, value in zip(names, values, strict=True):
        rule = put(rule, name, float(value))
    return rule


def profile(rule: Rule, recording: Recording, terms: Terms, name: str) -> Profile:
    """Return the interval of a constant around its best value.

    With the sum of squares S that the best theta leaves at a value and n changes, ``n log(S / S_best)`` is the likelihood
    ratio, which stays below 3.84 at the true value in 95 % of recordings if noise is independent and of equal size.

    Parameters
    ----------
    rule
        With the best value of this constant, as `search` returns it.
    recording, terms
        As in `threefactor.analysis.recovery.regression.recover`.
    name
        A key of `BOUNDS`.
    """
    loss, best = _loss(rule, recording, terms, [name]), get(rule, name)
    low, high = BOUNDS[name]
    rows = float(blocks(rule, recording, terms).rows.sum())
    least = max(loss([best]), ROUNDING)

    def ratio(value: float) -> float:
        return float(rows * np.log(max(loss([value]), least) / least))

    width = _width(ratio, best, low, high)
    values = np.array([v for v in best + width * np.array(STEPS) if low <= v <= high])
    ratios = np.array([ratio(value) for value in values])
    root = np.sign(values - best) * np.sqrt(ratios)
    edge = chi2.ppf(LEVEL, 1) ** 0.5
    ends = np.interp([-edge, edge], root, values, left=low, right=high)
    curve = pd.DataFrame({"value": values, "likelihood_ratio": ratios})
    return Profile(best, float(ends[0]), float(ends[1]), curve)


def _loss(
    rule: Rule, recording: Recording, terms: Terms, names: Sequence[str]
) -> Callable[[Sequence[float]], float]:
    """Return the residual as a function of constants; those of the gate alone need no new products."""
    kept: dict[tuple[float, ...], Blocks] = {}

    def loss(values: Sequence[float]) -> float:
        changed = rule
        for name, value in zip(names, values, strict=True):
            changed = put(changed, name, float(value))
        key = (changed.params.trace_decay, changed.params.eligibility_decay)
        if key not in kept:
            kept.clear()
            kept[key] = blocks(changed, recording, terms)
        return left_over(kept[key]._replace(gate=gates(changed, recording)[recording.learning]))

    return loss


def _moved(loss: Callable[[Sequence[float]], float], values: Sequence[float], at: int, x: float) -> float:
    return loss([*values[:at], x, *values[at + 1 :]])


def _least(loss: Callable[[float], float], span: tuple[float, float]) -> float:
    """Return where a function is least: on a grid, then between the neighbours of its least value."""
    grid = np.linspace(*span, COARSE)
    at = int(np.argmin([loss(value) for value in grid]))
    near = (float(grid[max(at - 1, 0)]), float(grid[min(at + 1, COARSE - 1)]))
    fine = minimize_scalar(loss, bounds=near, method="bounded", options={"xatol": 1e-8})
    return float(min((float(fine.x), float(grid[at])), key=loss))


def _width(ratio: Callable[[float], float], best: float, low: float, high: float) -> float:
    """Return the standard deviation of a value: a step by which the likelihood ratio rises to about one."""
    step = 1e-3 * (high - low)
    for _ in range(8):
        value = best + step if best + step <= high else best - step
        found = ratio(value)
        step = step / max(found, 1e-4) ** 0.5 if found else 10 * step
        step = min(step, 0.3 * (high - low))
        if 0.5 < found < 2:
            break
    return step
