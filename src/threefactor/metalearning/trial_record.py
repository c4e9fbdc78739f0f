"""Trials of learning with weight noise, and with tangents: what the estimators of the meta-gradient look at."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from threefactor.contract import Experience, Learner, Outcome, Rule, Tangents
from threefactor.derivatives import two_pass
from threefactor.derivatives.end_of_trial import as_held, start_tangents
from threefactor.network.perturbation import draw_weight_noise
from threefactor.network.synapses import hold
from threefactor.training.batch import with_weights
from threefactor.training.trial import learn


class Noise(NamedTuple):
    """What an estimator draws beside the trials, and how far back it looks."""

    weights: float = 0.0  # sigma_w, standard deviation of the noise of each weight change; 0 for none
    theta: Tensor = torch.zeros(
        ()
    )  # p or p p, standard deviation of the perturbations of theta, by evolution
    memory: int = 0  # trials after which exact derivatives are forgotten; 0 for never


class TrialRecord(NamedTuple):
    """One trial of learning."""

    before: Learner
    experience: Experience
    outcome: Outcome
    drawn: Tensor | None  # b i j, noise of the weight change in units of sigma_w; None for none


class Carried(NamedTuple):
    """One trial of learning, with its tangents."""

    record: TrialRecord
    before: Tangents
    after: Tangents
    reward_tangent: Tensor  # b p, rho


def run_trials(
    rule: Rule, learner: Learner, experiences: Iterable[Experience], noise: float, *, generator: Generator
) -> Iterator[TrialRecord]:
    """Run trials of learning, each weight change after the warm-up with noise.

    Parameters
    ----------
    rule
        The learning rule.
    learner
        Before the first trial.
    experiences
        The trials with their noise.
    noise
        Standard deviation sigma_w of the weight noise; 0 for none.
    generator
        Of the weight noise.
    """
    for experience in experiences:
        drawn = draw_after_warm_up(rule, learner, noise, generator=generator)
        after, outcome = learn_noisily(rule, learner, experience, drawn, noise)
        yield TrialRecord(learner, experience, outcome, drawn)
        learner = after


def draw_after_warm_up(rule: Rule, learner: Learner, noise: float, *, generator: Generator) -> Tensor | None:
    """Draw the noise of the next weight change in units of its standard deviation; None where there is none."""
    if noise == 0 or learner.trials < rule.warm_up:
        return None
    return draw_weight_noise(learner.network, generator=generator)


def learn_noisily(
    rule: Rule, learner: Learner, experience: Experience, drawn: Tensor | None, noise: float
) -> tuple[Learner, Outcome]:
    """Learn one trial; add the noise that was drawn for its weight change."""
    after, outcome = learn(rule, learner, *experience)
    if drawn is not None:
        after = with_weights(after, hold(after.network, after.network.weights + noise * drawn))
    return after, outcome


def carry(rule: Rule, records: Iterable[TrialRecord], memory: int = 0) -> Iterator[Carried]:
    """Carry tangents through trials of a polynomial rule, from the first one on.

    With a memory of K trials all tangents are forgotten every K trials from the end of the warm-up on: the rewards of K
    trials in a row see the updates of these trials alone, and the learner before them is held fixed.
    """
    after: Tangents | None = None
    for record in records:
        forgets = memory > 0 and (record.before.trials - rule.warm_up) % memory == 0
        if after is None or forgets:
            before = start_tangents(rule, record.before)
        else:
            before = as_held(record.before, after)
        after, rho = two_pass.jvp(rule, record.before, record.experience.trial, record.outcome, before)
        yield Carried(record, before, after, rho)


def after_warm_up(rule: Rule, learner: Learner, kept: list[Tensor]) -> Tensor:
    """Stack what was kept of each trial of a learning run that the learner began, without the warm-up; h first.

    Raises
    ------
    ValueError
        If no trial comes after the warm-up.
    """
    counted = kept[max(0, rule.warm_up - learner.trials) :]
    if not counted:
        raise ValueError(
            f"trials = {learner.trials + len(kept)}: must be more than {rule.warm_up}, the warm-up"
        )
    return torch.stack(counted)
