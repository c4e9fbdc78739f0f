"""Rules on either side of a rule: theta, hyperparameters and the perturbations of units moved by a shift.

Hyperparameters move along their lines (`threefactor.metalearning.transforms`). The rate of sparse perturbations has no
derivative, but can be moved: of candidates that come ``1 / SHARE`` times as often, a side keeps those whose uniform mark
is below its share. The marks are common to all sides, so that few perturbations tell two sides apart.
"""

from typing import Any, NamedTuple

import torch
from torch import Generator, Tensor

from threefactor.contract import Experience, Rule
from threefactor.learning_rules import polynomial
from threefactor.metalearning import transforms

SHARE = 0.5
"""Share of the candidate perturbations that is kept, where their rate is meta-learned (``perturbation_share``)."""


OF_RULE = ("baseline_decay", "momentum")
"""Hyperparameters that are fields of a rule; most others are of its parameters."""


class Side(NamedTuple):
    """A rule, and what its networks get of the perturbations."""

    rule: Rule
    perturbation_scale: float = 1.0  # factor of all perturbations
    perturbation_share: float = 1.0  # of the candidates, those that are kept


def moved_sides(rule: Rule, shift: Tensor) -> list[Side]:
    """Return the sides of networks whose terms and hyperparameters are moved by the shifts (b p).

    It is one side for all networks, or one for each: networks may have a theta each, but share their hyperparameters.
    """
    count = len(rule.params.terms)
    if not rule.params.hyperparameters:
        return [Side(moved(rule, shift))]
    return [_moved_hyperparameters(moved(rule, by[:count]), by[count:]) for by in shift]


def moved(rule: Rule, shift: Tensor) -> Rule:
    """Return the rule with its terms moved by the shift, p; or b p, with a theta for each network."""
    k, l = torch.tensor(rule.params.terms).T
    theta = rule.params.theta.repeat(*shift.shape[:-1], 1, 1)
    theta[..., k, l] += shift
    return rule._replace(params=rule.params._replace(theta=theta))


def _moved_hyperparameters(rule: Rule, shift: Tensor) -> Side:
    """Return the side on which the hyperparameters are moved by the shift, s."""
    names = rule.params.hyperparameters
    values = {
        name: transforms.moved(name, value_of(rule, name), by)
        for name, by in zip(names, shift.tolist(), strict=True)
    }
    outside = {
        name: values.pop(name) for name in ("perturbation_scale", "perturbation_share") if name in values
    }
    own: dict[str, Any] = {name: values.pop(name) for name in OF_RULE if name in values}
    if rule.normalisation is not None and "update_size" in values:
        own["normalisation"] = rule.normalisation._replace(size=values.pop("update_size"))
    return Side(rule._replace(params=polynomial.with_values(rule.params, values), **own), **outside)


def value_of(rule: Rule, name: str) -> float:
    """Return the value of a hyperparameter under a rule."""
    outside = {"perturbation_scale": 1.0, "perturbation_share": SHARE}
    outside |= {name: getattr(rule, name) for name in OF_RULE}
    if rule.normalisation is not None:
        outside["update_size"] = rule.normalisation.size
    return outside[name] if name in outside else polynomial.value_of(rule.params, name)


def draw_marks(rule: Rule, experience: Experience, *, generator: Generator) -> Tensor | None:
    """Draw a uniform mark for every candidate perturbation, if their rate is meta-learned; b t i."""
    perturbation = experience.perturbation
    if "perturbation_share" not in rule.params.hyperparameters:
        return None
    return torch.rand(perturbation.shape, generator=generator, dtype=perturbation.dtype).to(
        perturbation.device
    )


def perturbed(side: Side, experience: Experience, marks: Tensor | None) -> Experience:
    """Return the experience with the perturbations of a side."""
    perturbation = experience.perturbation
    if side.perturbation_scale != 1:
        perturbation = side.perturbation_scale * perturbation
    if marks is not None:
        perturbation = perturbation * (marks < side.perturbation_share)
    return experience._replace(perturbation=perturbation)
