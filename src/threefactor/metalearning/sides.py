"""A learner on one side of its rule: theta, scalars and kicks moved by a perturbation.

Scalars move along their lines (`threefactor.metalearning.transforms`). How often kicks come has no derivative, but can
be moved: of kicks that are given ``1 / SHARE`` times as often, a side keeps those whose uniform mark is below its share.
The marks are common to all sides, so that few kicks tell two sides apart.
"""

from typing import NamedTuple

import torch
from torch import Generator, Tensor

from threefactor.contract import Experience, Rule
from threefactor.metalearning import transforms

SHARE = 0.5
"""Of the kicks given, those that come, where their rate is learned (``kick_share``)."""


class Side(NamedTuple):
    """One way to live."""

    rule: Rule
    kick_scale: float = 1.0  # factor of all kicks
    kick_share: float = 1.0  # of the kicks given, those that come


def moved_sides(rule: Rule, shift: Tensor) -> list[Side]:
    """Return the sides of networks whose terms and scalars are moved by the shifts (b p): one for all, or one for each.

    Networks may have a theta each, but share their scalars.
    """
    count = len(rule.params.terms)
    if not rule.params.scalars:
        return [Side(moved(rule, shift))]
    return [_moved_scalars(moved(rule, by[:count]), by[count:]) for by in shift]


def moved(rule: Rule, shift: Tensor) -> Rule:
    """Return the rule with its terms moved by the shift, p; or b p, with a theta for each network."""
    k, l = torch.tensor(rule.params.terms).T
    theta = rule.params.theta.repeat(*shift.shape[:-1], 1, 1)
    theta[..., k, l] += shift
    return rule._replace(params=rule.params._replace(theta=theta))


def _moved_scalars(rule: Rule, shift: Tensor) -> Side:
    """Return the side on which the scalars are moved by the shift, s."""
    names = rule.params.scalars
    values = {
        name: transforms.moved(name, value_of(rule, name), by)
        for name, by in zip(names, shift.tolist(), strict=True)
    }
    outside = {name: values.pop(name) for name in ("kick_scale", "kick_share") if name in values}
    decay = values.pop("baseline_decay", rule.baseline_decay)
    return Side(rule._replace(params=rule.params._replace(**values), baseline_decay=decay), **outside)


def value_of(rule: Rule, name: str) -> float:
    """Return the value of a scalar under a rule."""
    outside = {"baseline_decay": rule.baseline_decay, "kick_scale": 1.0, "kick_share": SHARE}
    return outside[name] if name in outside else float(getattr(rule.params, name))


def draw_marks(rule: Rule, experience: Experience, *, generator: Generator) -> Tensor | None:
    """Draw a uniform mark for every kick, if it is learned how often they come; b t i."""
    kicks = experience.perturbation
    if "kick_share" not in rule.params.scalars:
        return None
    return torch.rand(kicks.shape, generator=generator, dtype=kicks.dtype).to(kicks.device)


def kicked(side: Side, experience: Experience, marks: Tensor | None) -> Experience:
    """Return the experience with the kicks of a side."""
    kicks = experience.perturbation
    if side.kick_scale != 1:
        kicks = side.kick_scale * kicks
    if marks is not None:
        kicks = kicks * (marks < side.kick_share)
    return experience._replace(perturbation=kicks)
