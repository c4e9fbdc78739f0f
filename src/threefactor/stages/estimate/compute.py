"""Compare every estimator of the meta-gradient with the truth: bias, spread between networks, and cost.

All look at theta_33 and see the same trials, perturbations and weight noise, which begin where the warm-up ends. The
trials run once with every estimator, and are cut at each horizon.
"""

from itertools import islice
from typing import NamedTuple

import pandas as pd
import torch
from torch import Tensor

from threefactor import seeding
from threefactor.analysis.gradients import estimators as statistics
from threefactor.analysis.gradients.estimator_summaries import headline
from threefactor.experiment.work import Loop, Results, Work
from threefactor.stages.estimate.estimates import estimate, of_horizon, seconds_of
from threefactor.stages.estimate.problem import Problem, batch_of, problem_of

WARM_UP = 2
"""Trials that load what every estimator runs."""


class Kept(NamedTuple):
    """What the estimators said so far."""

    networks: int  # that all estimators have seen
    trials: dict[str, dict[str, Tensor]]  # `Estimates.trials` of all of them, by the place of the noise
    seconds: dict[str, float]  # of the processor, mean over noises, by estimator


def compute(work: Work) -> Results:
    """Measure at one strength of plasticity.

    Outputs: ``estimators`` (a row per noise, horizon, estimator and term), ``errors`` (a row per noise, horizon,
    estimator and number of networks), ``samples`` (gradients with respect to scaled theta).
    """
    settings, name = work.settings, work.wildcards["plasticity_strength"]
    chosen = settings.estimate
    problem = problem_of(settings, chosen.plasticity_strength[name], work.device)
    kept = work.run(_loop(problem))
    samples: dict[str, Tensor] = {}
    tables, errors = [], []
    for s, share in enumerate(chosen.noise):
        for h, horizon in enumerate(chosen.horizons):
            found = of_horizon(problem, kept.trials[str(s)], horizon, share * problem.size)
            each = {one: seconds_of(one, kept.seconds) / kept.networks / chosen.horizons[-1] for one in found}
            source = seeding.generator(settings.seed, "estimate", "resample", s, h)
            table, error = statistics.compare(found, chosen.terms, each, chosen.resamples, generator=source)
            error = error.assign(seconds=horizon * error.networks * error.seconds)
            tables.append(_placed(table, name, share, horizon))
            errors.append(_placed(error, name, share, horizon))
            samples |= {f"{one}.noise{s}.horizon{h}": value for one, value in found.items()}
    table = pd.concat(tables, ignore_index=True)
    made = {"estimators": table, "errors": pd.concat(errors, ignore_index=True), "samples": samples}
    return Results(made, headline(table))


def _placed(table: pd.DataFrame, strength: str, noise: float, horizon: int) -> pd.DataFrame:
    """Say in the first columns what a table is of."""
    values = {"plasticity_strength": strength, "noise": noise, "horizon": horizon}
    return pd.concat([pd.DataFrame(values, index=table.index), table], axis=1)


def _loop(problem: Problem) -> Loop[Kept]:
    """Let all networks learn with all estimators, some networks a step."""
    chosen = problem.settings.estimate
    _load(problem, range(min(chosen.batch, chosen.networks)))
    return Loop(
        state=Kept(0, {str(s): {} for s in range(len(chosen.noise))}, {}),
        step=lambda kept: _more(problem, kept),
        is_finished=lambda kept: kept.networks >= chosen.networks,
        done=lambda kept: kept.networks,
        total=chosen.networks,
        unit="networks",
    )


def _load(problem: Problem, ids: range) -> None:
    """Run some trials with every estimator, so that no clock counts the compiling or loading of kernels."""
    batch = batch_of(problem, ids)
    short = batch._replace(trials=lambda: islice(batch.trials(), WARM_UP))
    estimate(problem, short, problem.settings.estimate.noise[0] * problem.size)


def _more(problem: Problem, kept: Kept) -> Kept:
    """Add the next networks."""
    chosen, first = problem.settings.estimate, kept.networks
    last = min(first + chosen.batch, chosen.networks)
    batch = batch_of(problem, range(first, last))
    trials: dict[str, dict[str, Tensor]] = {}
    seconds = dict(kept.seconds)
    for s, share in enumerate(chosen.noise):
        found, before = estimate(problem, batch, share * problem.size), kept.trials[str(s)]
        trials[str(s)] = {
            name: torch.cat([before[name], value], 1) if name in before else value
            for name, value in found.trials.items()
        }
        for name, value in found.seconds.items():
            seconds[name] = seconds.get(name, 0.0) + value / len(chosen.noise)
    return Kept(last, trials, seconds)
