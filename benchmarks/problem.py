"""The work that everybody is given: a learner in the midst of learning, its next trials, and tangents."""

from typing import NamedTuple

import torch
from torch import Generator, Tensor

from benchmarks.settings import Case, config
from threefactor import seeding
from threefactor.contract import Experience, Learner, Rule, Tangents
from threefactor.derivatives import two_pass
from threefactor.derivatives.end_of_trial import start_tangents
from threefactor.experiment import build, build_rule
from threefactor.training.batch import convert
from threefactor.training.environment import experience
from threefactor.training.trial import learn, start_learning

CLIPPED = 0.67  # share of the proposed updates within the clip
BURN_IN = (
    7  # trials before the measured one: each type once for its baseline, then three that change the weights
)


class Problem(NamedTuple):
    """A learner, what happens to it next, and what its tangents are."""

    case: Case
    rule: Rule  # theta is nonzero on the whole grid, and zero elsewhere
    before: Learner
    tangents: Tangents
    experiences: tuple[Experience, ...]  # forward, tangents and bptt take the first


def make(case: Case) -> Problem:
    """Draw the problem of a case, in float32."""
    settings = config(case)
    rule = build_rule.polynomial(settings, _terms(case), torch.zeros(case.coefficients))._replace(warm_up=0)
    environment = build.environment(settings)
    network = build.network(settings, range(case.networks), torch.device("cpu"), purpose="benchmarks")
    noise = build.noise(settings, "benchmarks")
    trials = [experience(environment, network, h, generator=noise(h)) for h in range(BURN_IN + case.trials)]
    learner = start_learning(rule, network, len(environment.task.trial_types))
    rule = _with_theta(rule, learner, trials, seeding.generator(settings.seed, "benchmarks", "theta"))
    tangents = start_tangents(rule, learner)
    for one in trials[:BURN_IN]:
        after, outcome = learn(rule, learner, *one)
        tangents, _ = two_pass.jvp(rule, learner, one.trial, outcome, tangents)
        learner = after
    return Problem(case, rule, learner, tangents, tuple(trials[BURN_IN:]))


def precise(problem: Problem) -> Problem:
    """Return the very same numbers in float64."""
    params = problem.rule.params
    rule = problem.rule._replace(params=params._replace(theta=params.theta.double()))
    return Problem(problem.case, rule, *convert(tuple(problem[2:]), dtype=torch.float64))


def theta_grid(problem: Problem) -> Tensor:
    """Return theta of the powers in the grid alone; k l."""
    powers = list(problem.case.powers)
    return problem.rule.params.theta[powers][:, powers]


def _terms(case: Case) -> list[tuple[int, int]]:
    return [(k, l) for k in case.powers for l in case.powers]


def _with_theta(rule: Rule, learner: Learner, trials: list[Experience], generator: Generator) -> Rule:
    """Return the rule with a theta whose terms weigh alike, and with which about a third of the updates is clipped."""
    zero, count = rule.params.theta, len(rule.params.terms)
    values = (1 + torch.rand(count, generator=generator)) * torch.randn(count, generator=generator).sign()
    theta = zero.clone()
    for term, value in zip(rule.params.terms, values, strict=True):
        alone = zero.clone()
        alone[term] = 1
        theta[term] = value / _sizes(rule, alone, learner, trials).square().mean().sqrt()
    share = torch.quantile(_sizes(rule, theta, learner, trials), CLIPPED)
    return rule._replace(params=rule.params._replace(theta=rule.params.clip / share * theta))


def _sizes(rule: Rule, theta: Tensor, learner: Learner, trials: list[Experience]) -> Tensor:
    """Return the sizes of all updates that theta proposes once the baselines are known, unclipped."""
    free = rule._replace(params=rule.params._replace(theta=theta, clip=float("inf")))
    for one in trials[: BURN_IN - 3]:
        learner = learn(free, learner, *one)[0]._replace(network=learner.network)
    _, outcome = learn(free, learner, *trials[BURN_IN - 3])
    return outcome.update[:, ~learner.network.clamped].abs().flatten()
