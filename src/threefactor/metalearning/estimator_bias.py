"""Estimators of the meta-gradient against the truth, trial by trial: one learning run holds every horizon.

Truth are central differences of the rewards with common noise. The score estimators are measured with two baselines:
the mean of the other networks, and the network's own running averages R_bar. With these, ``sum_{h'>h} (R - R_bar)``
telescopes to ``(R_bar_end - R_bar_{h+1}) / (1 - alpha_R)`` for each trial type: the last running average is maximised.

Their variance may hide any bias; but their mean can be had without it. By Stein's lemma ``E F n / sigma_w = E dF/dW``, so

    E sum_h F_h sigma_w^-1 <n_h, s_h> = E sum_h <dF_h / dW_{h+1}, s_h>

for any s_h that is known before n_h: the derivative of F along a tangent of the weights that gets s_h in trial h, as U
gets the local derivative of mu. With that as s_h the tangent is U; with ``s_h = U_{h+1} - U_h`` that of `score_total`.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from threefactor.contract import Experience, Learner, Rule, Tangents
from threefactor.derivatives import two_pass
from threefactor.derivatives.end_of_trial import as_held, start_tangents
from threefactor.metalearning.estimators import score_local
from threefactor.metalearning.likelihood_ratio import others_mean, reward_to_go, score, weigh
from threefactor.metalearning.sides import moved
from threefactor.metalearning.trial_record import Carried, TrialRecord, draw_after_warm_up, learn_noisily

SCORES = ("score_total", "score_local", "score_total_running", "score_local_running")
"""The score estimators; ``_running`` is with the running averages as the baseline."""


class Slopes(NamedTuple):
    """Derivatives of one trial along a tangent of the weights."""

    reward: Tensor  # b p
    average: Tensor  # b p, of the running average that the reward is compared with


def slopes(record: TrialRecord, tangents: Tangents, rho: Tensor) -> Slopes:
    """Return rho, and what the tangents before the trial make of its running average."""
    trial_type = record.experience.trial.trial_type[:, None]
    column = trial_type[..., None].expand(-1, rho.shape[1], 1)
    first = record.before.baseline.gather(1, trial_type).isnan()  # the running average of which is the reward
    return Slopes(rho, torch.where(first, rho, tangents.baseline.gather(2, column)[..., 0]))


def along_tangents(rule: Rule, trials: Iterable[Carried]) -> dict[str, Tensor]:
    """Keep of each trial what its tangents tell, by name, as `gradients` wants it; h first.

    Parameters
    ----------
    rule
        A polynomial rule.
    trials
        With weight noise after the warm-up.
    """
    rows: list[tuple[Tensor, ...]] = []

    def watched() -> Iterator[Carried]:
        for trial in trials:
            record, before, after, rho = trial
            scored = score(record.drawn, after.weight - before.weight)
            feedback = record.outcome.feedback
            rows.append((feedback.reward, feedback.baseline, *slopes(record, before, rho), scored))
            yield trial

    twice = list(counted_twice(rule, watched()))
    names = ("reward", "average", "pathwise", "pathwise_average", "score_total", "twice", "twice_average")
    columns = zip(*((*row, *double) for row, double in zip(rows, twice, strict=True)), strict=True)
    return {name: torch.stack(column) for name, column in zip(names, columns, strict=True)}


def counted_twice(rule: Rule, trials: Iterable[Carried]) -> Iterator[Slopes]:
    """Yield the derivatives of each trial along the tangent of `score_total`, which gets ``U_{h+1} - U_h``."""
    twice: Tangents | None = None
    for record, before, after, _ in trials:
        old = start_tangents(rule, record.before) if twice is None else as_held(record.before, twice)
        twice, rho = two_pass.jvp(rule, record.before, record.experience.trial, record.outcome, old)
        if record.before.trials >= rule.warm_up:
            local = score_local.slope(rule, record.before, record.outcome)
            twice = twice._replace(weight=twice.weight - local + after.weight - before.weight)
        yield slopes(record, old, rho)


def differences(
    rule: Rule,
    learner: Learner,
    experiences: Iterable[Experience],
    steps: Tensor,
    noise: float,
    *,
    generator: Generator,
) -> Iterator[Tensor]:
    """Yield the central differences of each trial's reward with common noise; b p.

    Parameters
    ----------
    rule
        A polynomial rule, with p terms.
    learner
        b networks before their first trial.
    experiences
        The trials.
    steps
        p, of raw theta.
    noise
        Standard deviation sigma_w of the weight noise.
    generator
        Of the weight noise.
    """
    sides = [moved(rule, sign * step) for sign in (1, -1) for step in torch.diag(steps)]
    learners = [learner] * len(sides)
    for experience in experiences:
        drawn = draw_after_warm_up(rule, learners[0], noise, generator=generator)
        rewards = []
        for s, side in enumerate(sides):
            learners[s], outcome = learn_noisily(side, learners[s], experience, drawn, noise)
            rewards.append(outcome.feedback.reward)
        up, down = torch.stack(rewards, 1).chunk(2, 1)
        yield (up - down) / (2 * steps)


def gradients(kept: Mapping[str, Tensor], horizon: int, noise: float) -> dict[str, Tensor]:
    """Return what every estimator says of the mean reward of the first trials after the warm-up, by name; b p each.

    Parameters
    ----------
    kept
        Of each trial after the warm-up: ``reward`` and ``average`` (the running one that it is compared with), h b;
        ``difference``, ``evolution``, ``pathwise`` (rho), ``pathwise_average`` (rho_bar), ``twice`` and
        ``twice_average`` (as from `counted_twice`), ``score_total`` and ``score_local`` (the scores), h b p.
    horizon
        So many trials.
    noise
        Standard deviation sigma_w of the weight noise.

    Returns
    -------
    dict of str to Tensor
        difference (the truth), evolution, pathwise, `SCORES`, and ``mean_of_<score>`` for each of these: its mean over
        the weight noise that it scores.
    """
    first = {name: value[:horizon] for name, value in kept.items()}
    found = {name: first[name].mean(0) for name in ("difference", "evolution", "pathwise")}
    to_go = reward_to_go(first["reward"])
    advantages = {
        "": to_go - others_mean(to_go),
        "_running": reward_to_go(first["reward"] - first["average"]),
    }
    for name in ("score_total", "score_local"):
        for baseline, advantage in advantages.items():
            found[f"{name}{baseline}"] = weigh(advantage, first[name], noise)
    for name, tangent in (("score_total", "twice"), ("score_local", "pathwise")):
        found[f"mean_of_{name}"] = first[tangent].mean(0)
        found[f"mean_of_{name}_running"] = (first[tangent] - first[f"{tangent}_average"]).mean(0)
    return found
