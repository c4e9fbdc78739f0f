"""Rules that are hidden in networks that learn by them, and what an observer of these networks finds."""

from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd
import torch
from torch import Tensor

from threefactor import seeding
from threefactor.analysis.recovery.measured_twice import recover_twice
from threefactor.analysis.recovery.observer import observe, size, with_noisy_changes, with_noisy_rates
from threefactor.analysis.recovery.recording import Recording, Terms, blocks
from threefactor.analysis.recovery.regression import Fit, fit, recover
from threefactor.analysis.recovery.table import relative_error, table
from threefactor.analysis.recovery.words import EXACT
from threefactor.config.recover import SIZED_BY
from threefactor.contract import Rule
from threefactor.experiment import build as assemble
from threefactor.metalearning import masks
from threefactor.pipeline.settings.model import Config

CPU = torch.device("cpu")

COLUMNS = ["true", "unit", "relative_error", "trials", "rows", "clipped", "residual", "condition"]
"""What `rows` tells of a term beside `threefactor.analysis.recovery.table.table`."""


class Hidden(NamedTuple):
    """A rule, networks that learned by it, and what they tell of it without noise."""

    rule: Rule
    recording: Recording
    terms: Terms  # that are looked for
    true: Tensor  # p
    exact: Fit


PLAIN: dict[str, dict[str, object]] = {
    "plasticity": {"deviation": "raw", "weight_linear": 0.0, "weight_quadratic": 0.0},
    "network": {"density": 1.0, "inhibitory": ""},
}
"""Settings under which a rule can be recovered: of the raw deviation, the own weight aside, every synapse being there."""


def observable(config: Config) -> Config:
    """Return the settings in double precision and with `PLAIN`, under which a rule can be recovered."""
    changed = {name: getattr(config, name).model_copy(update=own) for name, own in PLAIN.items()}
    return config.model_copy(update={"precision": "float64", **changed})


def looked_for(config: Config) -> Terms:
    """List the terms that are looked for."""
    return tuple(masks.chosen(config.recover.terms, config.recover.degree))


def hide(config: Config, rule: Rule) -> Hidden:
    """Let networks learn by a polynomial rule, and look for it."""
    seen, terms, theta = _observe(config, rule), looked_for(config), rule.params.theta
    true = torch.stack([theta[k, l] if max(k, l) < len(theta) else theta.new_zeros(()) for k, l in terms])
    return Hidden(rule, seen, terms, true, recover(rule, seen, terms))


def random(config: Config) -> Hidden:
    """Hide a random rule of all terms, of the norm of meta-learning in the units of theta_33's changes."""
    plain, terms = assemble.learning_rule(config, "theta_33", None, CPU), looked_for(config)
    unit = fit(blocks(plain, _observe(config, plain), terms)).unit
    drawn = torch.randn(len(terms), generator=seeding.generator(config.seed, "recover"), dtype=torch.float64)
    share = (config.metalearn.norm or 1) * drawn / drawn.norm()
    return hide(config, assemble.polynomial(config, terms, share * unit / unit[terms.index(SIZED_BY)]))


def _observe(config: Config, rule: Rule) -> Recording:
    """Record networks that learn by a rule."""
    own, environment = config.recover, assemble.environment(config)
    network = assemble.network(config, range(own.networks), CPU, purpose="recover")
    noise, trials = assemble.noise(config, "recover"), rule.warm_up + own.trials
    return observe(rule, network, environment, trials, own.units, generator=noise)


def noisy(hidden: Hidden, config: Config) -> Iterator[tuple[str, Recording, Fit]]:
    """Yield the recording without noise and with noise in the weight changes, each with its fit."""
    yield EXACT, hidden.recording, hidden.exact
    for share in config.recover.noise:
        source = seeding.generator(config.seed, "recover", "changes", str(share))
        seen = with_noisy_changes(hidden.recording, share * size(hidden.recording), generator=source)
        yield f"changes ± {share:g} rms", seen, recover(hidden.rule, seen, hidden.terms)


def measured(hidden: Hidden, config: Config) -> Iterator[tuple[str, Fit]]:
    """Yield the fit to noisy rates and states, and that to two measurements of them."""
    for deviation in config.recover.rate_noise:
        one, other = (
            with_noisy_rates(
                hidden.recording,
                deviation,
                generator=seeding.generator(config.seed, "recover", "rates", n),
            )
            for n in range(2)
        )
        yield f"rates ± {deviation:g}", recover(hidden.rule, one, hidden.terms)
        yield f"rates ± {deviation:g}, twice", recover_twice(hidden.rule, one, other, hidden.terms)


def rows(found: Fit, label: str, hidden: Hidden) -> pd.DataFrame:
    """Return the coefficients of one fit beside the true ones, a row per term."""
    true, unit = hidden.true, hidden.exact.unit
    error = relative_error(found.value, true, unit)
    known = table(found, hidden.terms).assign(true=true.numpy(), unit=unit.numpy(), relative_error=error)
    return known.assign(data=label, **whole(found))


def whole(found: Fit) -> dict[str, float]:
    """Return what describes a fit as a whole."""
    return {name: getattr(found, name) for name in ("trials", "rows", "clipped", "residual", "condition")}
