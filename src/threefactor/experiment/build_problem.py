"""Turn settings into problems of meta-learning: what is sought, from which learning runs, from where on."""

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor

from threefactor import seeding
from threefactor.contract import Network, Rule
from threefactor.experiment import build, build_rule, learning_runs
from threefactor.experiment.hyperparameters import core_values
from threefactor.experiment.learning_runs import Source
from threefactor.experiment.settings.errors import SettingsError
from threefactor.metalearning import coordinates, perturbation_fit, scaling
from threefactor.metalearning.constraints import Constraint
from threefactor.metalearning.coordinates import CoordinateSystem
from threefactor.metalearning.perturbation_fit import Moments
from threefactor.metalearning.problem import Problem
from threefactor.training.objective import WIDTH, SmoothedErrorRate


class Scaled(NamedTuple):
    """What untrained networks tell of some terms."""

    scaling: scaling.Scaling
    moments: Moments  # of the basis eligibilities, and of the eligibility of node perturbation


class Measured(NamedTuple):
    """What untrained networks tell of the monomials."""

    system: CoordinateSystem
    moments: Moments  # of the basis eligibilities, and of the eligibility of node perturbation


def measure(origin: Source) -> Measured:
    """Measure the scale of the monomials and their moments in untrained networks.

    Raises
    ------
    FloatingPointError
        If a term, or theta_33, changes no weight or changes weights without bound.
    """
    place = f"metalearn.rules.{origin.key}"
    found, moments = measure_terms(origin.settings, place, origin.terms, origin.device)
    basis = scaling.orthonormal(found.correlation) if origin.rule.coordinates == "orthonormal" else None
    return Measured(CoordinateSystem(origin.terms, found.scale, basis), moments)


def measure_terms(
    settings: Any, place: str, terms: Sequence[tuple[int, int]], device: torch.device
) -> Scaled:
    """Measure terms (k, l) in untrained networks, for what is named by its place in an error; see `measure`."""
    rule, networks = _scaling_sample(settings, terms, torch.ones(len(terms)), device)
    noise, surround = build.noise(settings, "metalearn scaling"), build.environment(settings)
    found = scaling.scaling(rule, networks, surround, generator=noise)
    _expect_scale(place, terms, found.scale)
    return Scaled(found, perturbation_fit.moments(rule, networks, surround, scaling.TRIALS, generator=noise))


def _scaling_sample(
    settings: Any, terms: Sequence[tuple[int, int]], theta: Tensor, device: torch.device
) -> tuple[Rule, Network]:
    """Return a rule, and the networks that scale it."""
    ids = range(settings.metalearn.scaling_networks)
    networks = build.network(settings, ids, device, purpose="metalearn scaling")
    return build_rule.polynomial(settings, terms, theta.to(networks.weights)), networks


def _expect_scale(place: str, terms: Sequence[tuple[int, int]], scale: Tensor) -> None:
    """Refuse terms (p) without a scale (p), since they, or theta_33, move no weight or beyond all numbers."""
    for (k, l), size in zip(terms, scale.tolist(), strict=True):
        if not 0 < size < float("inf"):
            raise FloatingPointError(
                f"{place}: the weight changes by term {k}{l} or by term 33 in untrained networks are zero or not finite: "
                f"their ratio {size} must be positive under the settings of task, network, perturbation and plasticity"
            )


def start(origin: Source, measured: Measured) -> Tensor:
    """Return the coordinates of theta before the first step, of any norm; p.

    Raises
    ------
    SettingsError
        If theta starts at the best fit of perturbations, and there was none.
    """
    system, first = measured.system, origin.rule.start
    if first == "random":
        generator = seeding.generator(origin.settings.seed, "metalearn", origin.key, "start")
        return torch.randn(len(system.terms), generator=generator).to(system.scale)
    if first == "perturbation":
        if not measured.moments.perturbation > 0:
            raise SettingsError(
                f"metalearn.rules.{origin.key}.start = 'perturbation': must be another start, or perturbations must come "
                "more often (perturbation.rate_per_ms): there was none in the trials that scale monomials"
            )
        return coordinates.coordinates(system, perturbation_fit.best_fit(measured.moments).to(system.scale))
    term = (int(first[-2]), int(first[-1]))
    return coordinates.one_term(system, term, build_rule.monomial_sign(term))


def weight_noise(origin: Source, system: CoordinateSystem, theta: Tensor) -> float:
    """Return the weight noise of a rule, measured by the updates of theta at its coordinates (p)."""
    share: float = origin.rule.noise
    if share == 0:
        return 0.0
    raw = coordinates.theta(system, theta)
    rule, networks = _scaling_sample(origin.settings, origin.terms, raw, origin.device)
    noise, surround = build.noise(origin.settings, "metalearn scaling"), build.environment(origin.settings)
    return share * scaling.update_size(rule, networks, surround, generator=noise)


def problem(origin: Source, system: CoordinateSystem) -> Problem:
    """Return what is meta-learned, without weight noise and held-out networks.

    Raises
    ------
    SettingsError
        If a hyperparameter starts at its limit.
    """
    settings, rule = origin.settings.metalearn, origin.rule
    norm = settings.norm if rule.norm == "" else rule.norm
    smoothed = SmoothedErrorRate(origin.settings.criterion.error, WIDTH)
    return Problem(
        system=system,
        schedule=origin.schedule,
        draw=partial(learning_runs.draw, origin),
        estimate=origin.estimator.estimate,
        constraint=Constraint(norm, rule.sparsity, rule.rank or 0, system.terms, system.scale),
        learning_rate=rule.learning_rate or settings.learning_rate,
        objective=smoothed if rule.objective == "smoothed_error_rate" else None,
        hyperparameters=core_values(origin.settings, origin.hyperparameters),
        perturbation=rule.step,
        memory=rule.memory or 0,
    )
