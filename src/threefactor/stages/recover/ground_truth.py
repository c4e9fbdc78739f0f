"""Ground-truth rules, networks that learn by them, and what a recording of these networks says of the rule."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pandas as pd
import torch
from torch import Tensor

from threefactor import seeding
from threefactor.analysis.recovery.coefficient_table import relative_error, table
from threefactor.analysis.recovery.measured_twice import recover_twice
from threefactor.analysis.recovery.recording import Recording, Terms, blocks
from threefactor.analysis.recovery.regression import Fit, fit, recover
from threefactor.analysis.recovery.simulated_recording import (
    observe,
    size,
    with_noisy_changes,
    with_noisy_rates,
)
from threefactor.contract import Rule
from threefactor.experiment import build, build_rule
from threefactor.metalearning import masks
from threefactor.stages.recover.settings import SIZED_BY

CPU = torch.device("cpu")

NOTHING, CHANGES, RATES = "nothing", "changes", "rates"
"""Where noise is added."""


class GroundTruth(NamedTuple):
    """A rule, networks that learned by it, and what is recovered from them without noise."""

    rule: Rule
    recording: Recording
    terms: Terms  # that are fitted
    true: Tensor  # p
    exact: Fit


class Noise(NamedTuple):
    """Noise that is added to a recording."""

    noise_in: str  # nothing, changes or rates
    noise: float = 0.0  # share of the changes' root mean square, or standard deviation of rates and states
    measurements: int = 1  # of rates and states

    @property
    def data(self) -> str:
        """Name the data, for tables and figures."""
        if self.noise_in == NOTHING:
            return "no noise"
        if self.noise_in == CHANGES:
            return f"changes ± {self.noise:g} rms"
        return f"rates ± {self.noise:g}" + (", twice" if self.measurements == 2 else "")


def fitted_terms(settings: Any) -> Terms:
    """List the terms that are fitted."""
    return tuple(masks.chosen(settings.recover.terms, settings.recover.degree))


def record(settings: Any, rule: Rule) -> GroundTruth:
    """Train networks by a polynomial rule, and recover it without noise."""
    seen, terms, theta = _observe(settings, rule), fitted_terms(settings), rule.params.theta
    true = torch.stack([theta[k, l] if max(k, l) < len(theta) else theta.new_zeros(()) for k, l in terms])
    return GroundTruth(rule, seen, terms, true, recover(rule, seen, terms))


def random(settings: Any) -> GroundTruth:
    """Record networks that learn by a random rule of all terms.

    Its norm is that of meta-learning, in units in which each term alone makes changes as large as those of theta_33.
    """
    plain, terms = build_rule.learning_rule(settings, "theta_33", None, CPU), fitted_terms(settings)
    unit = fit(blocks(plain, _observe(settings, plain), terms)).unit
    generator = seeding.generator(settings.seed, "recover")
    drawn = torch.randn(len(terms), generator=generator, dtype=torch.float64)
    share = (settings.metalearn.norm or 1) * drawn / drawn.norm()
    values = share * unit / unit[terms.index(SIZED_BY)]
    return record(settings, build_rule.polynomial(settings, terms, values))


def _observe(settings: Any, rule: Rule) -> Recording:
    """Record networks that learn by a rule."""
    wanted, environment = settings.recover, build.environment(settings)
    network = build.network(settings, range(wanted.networks), CPU, purpose="recover")
    noise, trials = build.noise(settings, "recover"), rule.warm_up + wanted.trials
    return observe(rule, network, environment, trials, wanted.units, generator=noise)


def noisy_changes(truth: GroundTruth, settings: Any) -> Iterator[tuple[Noise, Recording, Fit]]:
    """Yield the recording without noise and with noise in the weight changes, each with its fit."""
    yield Noise(NOTHING), truth.recording, truth.exact
    for share in settings.recover.noise:
        source = seeding.generator(settings.seed, "recover", "changes", str(share))
        seen = with_noisy_changes(truth.recording, share * size(truth.recording), generator=source)
        yield Noise(CHANGES, share), seen, recover(truth.rule, seen, truth.terms)


def noisy_rates(truth: GroundTruth, settings: Any) -> Iterator[tuple[Noise, Fit]]:
    """Yield the fit to noisy rates and states, and that to two measurements of them."""
    for deviation in settings.recover.rate_noise:
        sources = (seeding.generator(settings.seed, "recover", "rates", n) for n in range(2))
        one, other = (with_noisy_rates(truth.recording, deviation, generator=source) for source in sources)
        yield Noise(RATES, deviation), recover(truth.rule, one, truth.terms)
        yield Noise(RATES, deviation, 2), recover_twice(truth.rule, one, other, truth.terms)


def rows(found: Fit, noise: Noise, truth: GroundTruth) -> pd.DataFrame:
    """Return the coefficients of one fit beside the true ones, a row per term."""
    true, unit = truth.true, truth.exact.unit
    error = relative_error(found.value, true, unit)
    known = table(found, truth.terms).assign(true=true.numpy(), unit=unit.numpy(), relative_error=error)
    return known.assign(data=noise.data, **noise._asdict(), **whole(found))


def whole(found: Fit) -> dict[str, float]:
    """Return what describes a fit as a whole."""
    return {name: getattr(found, name) for name in ("trials", "rows", "clipped", "residual", "condition")}
