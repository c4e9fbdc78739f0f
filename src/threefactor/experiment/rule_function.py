"""A polynomial rule as a function of rate and deviation, ready to be drawn."""

import math
from typing import Any

import numpy as np
import pandas as pd

from threefactor.analysis.learning import coefficients
from threefactor.experiment import build_rule, perturbations
from threefactor.plotting.coefficients import Surface

POINTS = 61
"""Values of rate and of deviation at which the function is evaluated."""


def surface(settings: Any, theta: pd.DataFrame, column: str, title: str) -> Surface:
    """Evaluate a column of ``theta.csv`` for deviations up to the size of a perturbation.

    A normalised or standardised deviation is in units of the running root mean square; the largest one is that of a
    perturbation by ``plasticity.deviation_floor``, within ``plasticity.deviation_bound``.
    """
    is_raw = build_rule.deviation_of(settings, theta) == "raw"
    largest, bound = perturbations.reach(settings), settings.plasticity.deviation_bound
    if not is_raw:
        largest /= settings.plasticity.deviation_floor
        largest /= 1 if bound == "" else math.hypot(1, largest / bound)
    rate, deviation = (size * np.linspace(-1, 1, POINTS) for size in (1, largest))
    growth = coefficients.growth(coefficients.as_grid(theta, column), rate, deviation)
    return Surface(title, rate, deviation, growth, "" if is_raw else "running rms")
