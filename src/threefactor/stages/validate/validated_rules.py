"""The learning rules whose tangents are validated, and the learning run of each.

The warm-up is as short as it may be, one trial of each type, which sets the reward baselines.  Trials are counted from
its end, so that the first one is the first whose update depends on theta.
"""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from threefactor import seeding
from threefactor.contract import Rule
from threefactor.derivatives.reverse_checkpoints import sparse
from threefactor.derivatives.run_of_theta import Case
from threefactor.experiment import build, build_rule
from threefactor.experiment.learned import rule_under, tables
from threefactor.experiment.work import Work
from threefactor.metalearning.ascent import hold_norm
from threefactor.metalearning.scaling import monomial_scale
from threefactor.training.batch import convert, select
from threefactor.training.environment import experience

Term = tuple[int, int]


class Checked(NamedTuple):
    """A rule to check."""

    name: str
    rule: Rule
    scale: Tensor  # p, theta / scaled theta of the terms that are differentiated
    gains: tuple[float, ...]  # of the networks in which it is checked


def random_rules(work: Work) -> Iterator[Checked]:
    """Yield a dense rule of each degree, random in scaled theta, of the norm that meta-learning holds."""
    settings, degrees = work.settings, work.settings.validate.degrees
    every = _grid(max(degrees, default=0))
    scales = dict(zip(every, _scale(work, every) if degrees else (), strict=False))
    for degree in degrees:
        name, grid = f"random_{degree}", _grid(degree)
        scale = torch.stack([scales[term] for term in grid])
        source = seeding.generator(settings.seed, "validate", name)
        drawn = torch.randn(len(grid), generator=source, dtype=torch.float64).to(work.device)
        theta = hold_norm(drawn, settings.metalearn.norm or 1.0)
        rule = build_rule.polynomial(settings, grid, scale * theta)
        yield _checked(work, name, rule, scale, settings.validate.gains)


def own_rules(work: Work) -> Iterator[Checked]:
    """Yield theta_33, with tangents for the terms of the first learned rule, and each learned rule."""
    settings, first = work.settings, True
    learned = tables(work)
    for name, one in learned.items():
        rule = rule_under(settings, name, learned, work.device).rule
        scale = torch.tensor(one.theta["scale"].to_numpy(), dtype=torch.float64, device=work.device)
        if first:
            yield _checked(work, "theta_33", _theta_33(work, rule), scale, (settings.network.gain,))
        yield _checked(work, name, rule, scale, (settings.network.gain,))
        first = False


def case_of(work: Work, checked: Checked) -> Case:
    """Return the learning run of a rule: networks gain by gain, in float64."""
    settings, gains = work.settings, torch.tensor(checked.gains, dtype=torch.float64, device=work.device)
    environment, noise = build.environment(settings), build.noise(settings, "validate")
    ids = range(settings.validate.networks)
    drawn = build.network(settings.changed({"network.gain": 1.0}), ids, work.device, purpose="validate")
    network = convert(drawn, dtype=torch.float64)
    marks = tuple(sorted(set(settings.validate.trials)))
    every = torch.arange(len(ids), device=work.device).repeat(len(checked.gains))
    trials = range(checked.rule.warm_up + marks[-1])
    met = (select(experience(environment, network, h, generator=noise(h)), every) for h in trials)
    experiences = [sparse(one) for one in met]
    several = select(network, every)
    weights = several.weights * gains.repeat_interleave(len(ids))[:, None, None]
    trial_types = len(environment.task.trial_types)
    return Case(
        checked.rule, checked.scale, several._replace(weights=weights), experiences, trial_types, marks
    )


def _grid(degree: int) -> list[Term]:
    """Return all (k, l) up to a degree."""
    return [(k, l) for k in range(degree + 1) for l in range(degree + 1)]


def _theta_33(work: Work, like: Rule) -> Rule:
    """Return theta_33 with tangents for the terms of another rule."""
    plain = build_rule.learning_rule(work.settings, "theta_33", None, work.device).params.theta
    size = max(len(plain), len(like.params.theta))
    theta = torch.nn.functional.pad(plain, (0, size - len(plain)) * 2)
    return like._replace(params=like.params._replace(theta=theta))


def _scale(work: Work, terms: list[Term]) -> Tensor:
    """Return theta / scaled theta of each term; p."""
    settings = work.settings
    ids = range(settings.metalearn.scaling_networks)
    network = build.network(settings, ids, work.device, purpose="metalearn scaling")
    rule = build_rule.polynomial(settings, terms, torch.ones(len(terms)).to(network.weights))
    noise = build.noise(settings, "metalearn scaling")
    return monomial_scale(rule, network, build.environment(settings), generator=noise).double()


def _checked(work: Work, name: str, rule: Rule, scale: Tensor, gains: tuple[float, ...]) -> Checked:
    """Draw the coefficients that are differentiated, and end the warm-up with the first trial of the last type."""
    terms, most = rule.params.terms, work.settings.validate.coefficients
    source = seeding.generator(work.settings.seed, "validate", name, "coefficients")
    kept = sorted(torch.randperm(len(terms), generator=source)[:most].tolist())
    params = rule.params._replace(theta=rule.params.theta.double(), terms=tuple(terms[p] for p in kept))
    trial_types = len(build.task(work.settings).trial_types)
    return Checked(name, rule._replace(params=params, warm_up=trial_types), scale[kept], gains)
