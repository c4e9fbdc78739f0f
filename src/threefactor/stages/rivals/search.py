"""What is sought by stage ``rivals``: the hand-made rules of one deviation, their constants, and how a draw is judged."""

from collections.abc import Mapping
from functools import cached_property

import torch
from torch import Tensor

from threefactor.experiment import build, build_problem, build_rule
from threefactor.experiment.view import value_at
from threefactor.experiment.work import Work
from threefactor.metalearning import held_out, masks, perturbation_fit, rivals
from threefactor.metalearning.coordinates import with_theta
from threefactor.metalearning.rivals import Rival

PURPOSE = "rivals"

SHARED: rivals.Bounds = {
    "plasticity.clip": (0.25, 4.0),
    "plasticity.baseline_decay": (0.5, 1.5),
    "plasticity.baseline_exponent": (0.2, 1.5),
    "plasticity.trace_decay": (0.3, 10.0),
}
"""Bounds of the constants of all rules."""

OWN: Mapping[str, rivals.Bounds] = {
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
        """Take the settings of the deviation."""
        self.deviation, self.device = work.wildcards["deviation"], work.device
        self.settings = work.settings.changed({"plasticity.deviation": self.deviation})
        self.terms = masks.chosen(self.settings.rivals.terms, self.settings.metalearn.degree)
        self.bounds = {**SHARED, **OWN[self.deviation]}
        self.usual = {key: float(value_at(self.settings, key)) for key in self.bounds}

    @cached_property
    def scale(self) -> build_problem.Scaled:
        """Scale of the monomials, correlations of their weight changes, and their moments."""
        return build_problem.measure_terms(
            self.settings, f"rivals of {self.deviation}", self.terms, self.device
        )

    @cached_property
    def single(self) -> list[Rival]:
        """The monomials, and the least-squares fit."""
        fit = perturbation_fit.best_fit(self.scale.moments) / self.scale.scaling.scale.double().cpu()
        return [*rivals.monomials(self.terms), Rival("least squares", fit)]

    @property
    def budget(self) -> int:
        """Simulated trials that learning had."""
        metalearn, name = self.settings.metalearn, self.settings.rivals.learned_rule
        rule = metalearn.rules[name]
        return sum(build_problem.schedule(metalearn, rule)) * (rule.networks or metalearn.networks)

    @property
    def draws(self) -> int:
        """Draws of each rival."""
        return max(2, self.budget // (self.settings.rivals.networks * self.settings.rivals.trials))

    def best_singles(self, objective: Tensor) -> list[Rival]:
        """Return the monomials with the best draws, of which sums are made."""
        order = objective[:-1].min(1).values.argsort()  # without the least-squares fit
        return [self.single[place] for place in order[: self.settings.rivals.sums].tolist()]

    def theta(self, rival: Rival, point: Tensor) -> Tensor:
        """Return the coefficients of a rival; p."""
        scaling = self.scale.scaling
        scaled = rivals.coefficients(rival, point, scaling.correlation.double().cpu())
        return scaled.to(scaling.scale) * scaling.scale

    def objectives(self, several: list[Rival], points: Tensor) -> Tensor:
        """Let networks learn by rivals at their points (r n), which differ in strength and angle alone; r."""
        chosen = self.settings.rivals
        under = self.settings.changed(rivals.constants(self.usual, self.bounds, points[0]))
        network = build.network(under, range(chosen.networks), self.device, purpose=PURPOSE)
        thetas = torch.stack([self.theta(one, point) for one, point in zip(several, points, strict=True)])
        rule = build_rule.polynomial(under, self.terms, torch.ones(len(self.terms)).to(network.weights))
        found = held_out.score(
            with_theta(rule, thetas.to(network.weights)),
            network,
            build.environment(under),
            build.criterion(under, chosen.trials),
            generator=build.noise(under, PURPOSE),
        )
        return found.smoothed_error_rate.mean(1).double().cpu()
