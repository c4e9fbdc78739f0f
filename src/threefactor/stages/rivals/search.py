"""What is sought by stage ``rivals``: the hand-made rules of one deviation, their constants, and how a draw is judged."""

import math
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from threefactor.contract import Rule
from threefactor.experiment import build, build_problem, build_rule, learning_runs
from threefactor.experiment.constants import SHARED, below_one
from threefactor.experiment.learned import rule_under, tables
from threefactor.experiment.learned_rules import settings_of
from threefactor.experiment.tuned_rules import LEARNED
from threefactor.experiment.view import value_at
from threefactor.experiment.work import Work
from threefactor.metalearning import held_out, masks, perturbation_fit, rivals
from threefactor.metalearning.coordinates import with_theta
from threefactor.metalearning.draws import Bounds
from threefactor.metalearning.rivals import Rival

PURPOSE = "rivals"

OF_ALL: Bounds = {**SHARED, rivals.MOMENTUM: (0.15, 3.0)}
"""Bounds of the constants of all rules."""

OWN: Mapping[str, Bounds] = {
    "raw": {},
    "normalised": {"plasticity.deviation_rms_ms": (0.5, 4.0), "plasticity.deviation_floor": (0.3, 3.0)},
    "standardised": {
        "plasticity.deviation_mean_ms": (0.5, 4.0),
        "plasticity.deviation_rms_ms": (0.5, 4.0),
        "plasticity.deviation_floor": (0.3, 3.0),
    },
}
"""Bounds of the constants of a deviation."""


class Search:
    """What is sought under these settings; nothing of it changes while draws are tried."""

    def __init__(self, work: Work) -> None:
        """Take the settings of the family."""
        self.family, self.device = work.wildcards["family"], work.device
        learned = settings_of(work.settings.metalearn.rules[work.settings.rivals.learned_rule])
        usual = {rivals.MOMENTUM: learned.get("momentum", work.settings.plasticity.momentum)}
        self.settings: Any = work.settings.changed(usual)
        self._learned: Rule | None = None
        self.own: Mapping[str, Any] = {"deviation": self.family}
        self.learned_constants: list[str] = []
        if self.family == LEARNED:
            name, found = work.settings.rivals.learned_rule, tables(work)
            self._learned, self.settings = rule_under(self.settings, name, found, self.device)
            own = build_rule.own_settings(found[name].theta)
            self.own = {key: value for key, value in own.items() if f"plasticity.{key}" not in OF_ALL}
            self.learned_constants = list(found[name].hyperparameters.name)
        own = {f"plasticity.{key}": value for key, value in self.own.items()}
        self.settings = self.settings.changed(own)
        bounds = {**OF_ALL, **OWN[self.settings.plasticity.deviation]}
        self.usual = {key: float(value_at(self.settings, key)) for key in bounds}
        self.bounds = below_one(bounds, self.usual)

    @cached_property
    def terms(self) -> tuple[tuple[int, int], ...]:
        """Powers (k, l) of the monomials."""
        if self._learned is not None:
            return self._learned.params.terms
        return tuple(masks.chosen(self.settings.rivals.terms, self.settings.metalearn.degree))

    @cached_property
    def scale(self) -> build_problem.Scaled:
        """Scale of the monomials, correlations of their weight changes, and their moments."""
        return build_problem.measure_terms(self.settings, f"rivals of {self.family}", self.terms, self.device)

    @property
    def correlation(self) -> Tensor:
        """Correlations of the weight changes of scaled monomials, p p."""
        return self.scale.scaling.correlation.double().cpu()

    @cached_property
    def single(self) -> list[Rival]:
        """The learned rule; or the monomials, and the least-squares fit."""
        scale = self.scale.scaling.scale.double().cpu()
        if self._learned is not None:
            k, l = torch.tensor(self.terms).T
            theta = self._learned.params.theta.double().cpu()[k, l] / scale
            return [Rival(LEARNED, theta, strength=rivals.strength(theta, self.correlation))]
        fit = perturbation_fit.best_fit(self.scale.moments) / scale
        return [*rivals.monomials(self.terms), Rival("least squares", fit)]

    @property
    def sums(self) -> int:
        """Number of rules of which all sums of two are tried."""
        return 0 if self._learned is not None else int(self.settings.rivals.sums)

    @property
    def budget(self) -> int:
        """Simulated trials that learning had."""
        metalearn, name = self.settings.metalearn, self.settings.rivals.learned_rule
        source = learning_runs.source(self.settings, name, self.device)
        return sum(learning_runs.schedule(metalearn, source.rule)) * source.learning_runs

    @property
    def per_draw(self) -> int:
        """Simulated trials of a draw."""
        return int(self.settings.rivals.networks * self.settings.rivals.trials)

    @property
    def draws(self) -> int:
        """Draws of each rule: at least as many as learning had trials for; what learning had is taken from its own."""
        learning = math.ceil(self.budget / self.per_draw)
        every = max(self.settings.rivals.draws, learning + 1)
        return every - learning if self._learned is not None else every

    def best_singles(self, objective: Tensor) -> list[Rival]:
        """Return the monomials with the best draws, of which sums are made."""
        order = objective[:-1].min(1).values.argsort()  # without the least-squares fit
        return [self.single[place] for place in order[: self.sums].tolist()]

    def theta(self, rival: Rival, point: Tensor) -> Tensor:
        """Return the coefficients of a rival; p."""
        scale = self.scale.scaling.scale
        return rivals.coefficients(rival, point, self.correlation).to(scale) * scale

    def objective(self, rival: Rival, point: Tensor) -> float:
        """Return the smoothed error rate of networks that learn by a rival at a point."""
        chosen = self.settings.rivals
        under = self.settings.changed(rivals.constants(self.usual, self.bounds, point))
        network = build.network(under, range(chosen.networks), self.device, purpose=PURPOSE)
        theta = self.theta(rival, point).to(network.weights)
        taken = [place for place, value in enumerate(theta.tolist()) if value]
        rule = build_rule.polynomial(under, [self.terms[place] for place in taken], theta[taken])
        found = held_out.score(
            with_theta(rule, theta[None, taken]),
            network,
            build.environment(under),
            build.criterion(under, chosen.trials),
            generator=build.noise(under, PURPOSE),
        )
        return found.smoothed_error_rate.mean().item()

    def constants(self, point: Tensor) -> dict[str, tuple[float, float]]:
        """Return usual and tuned value of all constants of a point, by key; those that were learned stay."""
        kept = {key: float(value_at(self.settings, key)) for key in self.learned_constants}
        tuned = rivals.constants(self.usual, self.bounds, point)
        return {key: (value, value) for key, value in kept.items()} | {
            key: (self.usual[key], value) for key, value in tuned.items()
        }
