"""Turn settings into problems of meta-learning: what is sought, from which learning runs, from where on."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, cast

import torch
from torch import Tensor

from threefactor import seeding
from threefactor.contract import Experience, Network, Rule
from threefactor.declarations import imported
from threefactor.experiment import build, build_rule
from threefactor.experiment.hyperparameters import core_values, names, with_hyperparameters
from threefactor.experiment.settings.errors import SettingsError
from threefactor.metalearning import coordinates, masks, perturbation_fit, scaling
from threefactor.metalearning.constraints import Constraint
from threefactor.metalearning.coordinates import CoordinateSystem
from threefactor.metalearning.perturbation_fit import Moments
from threefactor.metalearning.problem import HeldOut, Problem, Sample
from threefactor.metalearning.sides import SHARE
from threefactor.network.perturbation import Sparse
from threefactor.training.environment import Environment, experience
from threefactor.training.objective import WIDTH, SmoothedErrorRate
from threefactor.training.trial import start_learning


class Source(NamedTuple):
    """A rule of ``metalearn.rules``, and where its learning runs come from."""

    settings: Any  # under which it is learned, see `threefactor.experiment.learned_rules.under`
    key: str
    device: torch.device
    schedule: tuple[int, ...]  # trials of the learning runs of each step
    hyperparameters: tuple[str, ...]  # keys of the settings that are meta-learned
    purpose: str = "metalearn"  # of networks and noise

    @property
    def rule(self) -> Any:
        """The value of ``metalearn.rules``."""
        return self.settings.metalearn.rules[self.key]

    @property
    def terms(self) -> tuple[tuple[int, int], ...]:
        """The terms (k, l) that are learned."""
        return tuple(masks.chosen(self.rule.terms, self.settings.metalearn.degree))

    @property
    def networks(self) -> int:
        """Networks of a step."""
        return int(self.rule.networks or self.settings.metalearn.networks)

    @property
    def learning_runs(self) -> int:
        """Learning runs that a step simulates: evolution lets every network learn twice."""
        return self.networks * getattr(_estimator(self.rule.estimator), "RUNS_PER_NETWORK", 1)


class Scaled(NamedTuple):
    """What untrained networks tell of some terms."""

    scaling: scaling.Scaling
    moments: Moments  # of the basis eligibilities, and of the eligibility of node perturbation


class Measured(NamedTuple):
    """What untrained networks tell of the monomials."""

    system: CoordinateSystem
    moments: Moments  # of the basis eligibilities, and of the eligibility of node perturbation


def source(settings: Any, key: str, device: torch.device) -> Source:
    """Return the source of a rule of ``metalearn.rules``, given the settings under which it is learned."""
    rule = settings.metalearn.rules[key]
    return Source(settings, key, device, schedule(settings.metalearn, rule), rule.hyperparameters)


def schedule(metalearn: Any, rule: Any) -> tuple[int, ...]:
    """Return the trials of each step: each share of the curriculum holds for an equal part of the steps."""
    shares, longest = metalearn.curriculum, rule.trials or metalearn.trials
    steps = rule.steps or metalearn.steps
    return tuple(round(shares[step * len(shares) // steps] * longest) for step in range(steps))


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
        draw=partial(draw, origin),
        estimate=_estimator(rule.estimator).estimate,
        constraint=Constraint(norm, rule.sparsity, rule.rank or 0, system.terms, system.scale),
        learning_rate=rule.learning_rate or settings.learning_rate,
        objective=smoothed if rule.objective == "smoothed_error_rate" else None,
        hyperparameters=core_values(origin.settings, origin.hyperparameters),
        perturbation=rule.step,
        memory=rule.memory or 0,
    )


def _estimator(name: str) -> Any:
    """Import the module of an estimator."""
    return imported(f"metalearning.estimators.{name}")


def draw(origin: Source, step: int, values: Mapping[str, float]) -> Sample:
    """Draw the learning runs of one step, under these values of the hyperparameters."""
    settings = with_hyperparameters(origin.settings, origin.hyperparameters, values)
    ids = range(step * origin.networks, (step + 1) * origin.networks)
    networks = build.network(settings, ids, origin.device, purpose=origin.purpose)
    ones = torch.ones(len(origin.terms)).to(networks.weights)
    rule = build_rule.polynomial(settings, origin.terms, ones, names(origin.hyperparameters))
    surround = build.environment(settings)
    if "perturbation_share" in names(origin.hyperparameters):  # all candidates are given
        sparse = cast(Sparse, surround.perturbation)  # conflicts of stage metalearn see to it
        candidates = sparse._replace(probability=sparse.probability / SHARE)
        surround = surround._replace(perturbation=candidates)
    learner = start_learning(rule, networks, len(surround.task.trial_types))
    trials = _trials(origin, surround, networks, step)
    noise = seeding.generator(settings.seed, origin.purpose, "weight noise", step)
    return Sample(rule, learner, trials, noise)


def _trials(origin: Source, surround: Environment, networks: Network, step: int) -> Iterator[Experience]:
    """Draw the trials of one step, one after the other."""
    noise = build.noise(origin.settings, origin.purpose, step)
    for h in range(origin.schedule[step]):
        yield experience(surround, networks, h, generator=noise(h))


def draw_held_out(origin: Source, count: int, trials: int, values: Mapping[str, float]) -> HeldOut:
    """Draw so many held-out networks that learn for so many trials, under these values of the hyperparameters."""
    settings = with_hyperparameters(origin.settings, origin.hyperparameters, values)
    purpose = f"{origin.purpose} held out"
    networks = build.network(settings, range(count), origin.device, purpose=purpose)
    ones = torch.ones(len(origin.terms)).to(networks.weights)
    rule = build_rule.polynomial(settings, origin.terms, ones)
    noise, surround = build.noise(settings, purpose), build.environment(settings)
    return HeldOut(rule, networks, surround, build.criterion(settings, trials), noise)
