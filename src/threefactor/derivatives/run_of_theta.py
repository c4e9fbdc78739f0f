"""A learning run as a function of theta, in any precision: what `threefactor.derivatives.methods` differentiates."""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from threefactor.contract import Experience, Learner, Network, Outcome, Rule
from threefactor.derivatives.reverse_checkpoints import dense
from threefactor.training.batch import convert, select
from threefactor.training.trial import learn, start_learning


class Case(NamedTuple):
    """What is differentiated: learning from the end of the warm-up on."""

    rule: Rule  # polynomial, with the p terms that are differentiated
    scale: Tensor  # p, theta / scaled theta
    network: Network
    experiences: list[
        Experience
    ]  # of the warm-up and of all trials up to the last mark; perturbations may be sparse
    trial_types: int  # trial types
    marks: tuple[int, ...]  # trials after the warm-up, from 1, at which derivatives are wanted; rising


class TrialRecord(NamedTuple):
    """The rewards and weights of a learning run."""

    reward: Tensor  # h b
    weights: Tensor  # m b i j, after the marked trials


def some(case: Case, which: slice) -> Case:
    """Return the case with some of its networks."""
    index = torch.arange(len(case.network.weights), device=case.scale.device)[which]
    experiences = [
        Experience(select(trial, index), start[index], perturbation.index_select(0, index))
        for trial, start, perturbation in case.experiences
    ]
    return case._replace(network=select(case.network, index), experiences=experiences)


def run_trials(case: Case, theta: Tensor) -> TrialRecord:
    """Run the trials with these values (p) of the terms; of any precision, real or complex."""
    rewards, weights = [], []
    for h, (_, outcome, after) in enumerate(trials(valued(case.rule, theta), case, theta.dtype), 1):
        rewards.append(outcome.feedback.reward)
        if h in case.marks:
            weights.append(after.network.weights)
    return TrialRecord(torch.stack(rewards), torch.stack(weights))


def trials(rule: Rule, case: Case, dtype: torch.dtype) -> Iterator[tuple[Learner, Outcome, Learner]]:
    """Yield each trial after the warm-up: the learner before it, what came out, the learner after it."""
    learner = start_learning(rule, convert(case.network, dtype=dtype), case.trial_types)
    for experience in case.experiences[: rule.warm_up + case.marks[-1]]:
        before = learner
        learner, outcome = learn(rule, before, *converted(experience, dtype))
        if before.trials >= rule.warm_up:
            yield before, outcome, learner


def converted(experience: Experience, dtype: torch.dtype) -> Experience:
    """Return the experience with perturbations as a plain array (b t i), in a precision."""
    return convert(dense(experience), dtype=dtype)


def values(rule: Rule) -> Tensor:
    """Return the coefficients of the terms that are differentiated; p."""
    return torch.stack([rule.params.theta[k, l] for k, l in rule.params.terms])


def valued(rule: Rule, theta: Tensor) -> Rule:
    """Return the rule with these values (p) of its terms, in their precision."""
    grid = rule.params.theta.to(theta.dtype).clone()
    for value, (k, l) in zip(theta, rule.params.terms, strict=True):
        grid[k, l] = value
    return rule._replace(params=rule.params._replace(theta=grid))
