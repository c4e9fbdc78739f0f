"""Hold every estimator of the meta-gradient against the truth: bias, spread between networks, and cost.

All look at theta_33 and live through the same trials, kicks and weight noise, which begin where the warm-up ends. A
lifetime is lived once with every estimator, and cut at each horizon.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple, TypeVar

import pandas as pd
import torch
from torch import Generator, Tensor

from threefactor import seeding
from threefactor.analysis.gradients import estimators as statistics
from threefactor.contract import Experience, Learner, Rule
from threefactor.experiment import build as assemble
from threefactor.metalearning import estimator_bias as estimators
from threefactor.metalearning.ascent import hold_norm
from threefactor.metalearning.estimators import evolution, reverse, score_local
from threefactor.metalearning.scaling import monomial_scale, update_size
from threefactor.metalearning.trial_record import Noise, carry, run_trials
from threefactor.pipeline.job import Job
from threefactor.pipeline.settings.model import Config
from threefactor.pipeline.storage.outputs import Output
from threefactor.training.environment import experience
from threefactor.training.trial import learn, start_learning

Item = TypeVar("Item")
WARM_UP = 2  # trials
State = dict[str, Tensor]


class Problem(NamedTuple):
    """Where the gradient is estimated."""

    config: Config  # of the regime
    rule: Rule
    scale: Tensor  # p, theta / scaled theta
    size: float  # root mean square of a weight change


class Batch(NamedTuple):
    """Networks past the warm-up, and what they will meet; drawn anew for every estimator."""

    learner: Learner
    trials: Callable[[], Iterator[Experience]]
    generator: Callable[[str], Generator]


class Clock:
    """Seconds of the processor that each estimator took."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def over(self, name: str, items: Iterable[Item]) -> Iterator[Item]:
        """Pass the items on; count what it takes to make them."""
        iterator = iter(items)
        while True:
            began = time.process_time()
            item = next(iterator, None)
            self.seconds[name] = self.seconds.get(name, 0.0) + time.process_time() - began
            if item is None:
                return
            yield item


def compute(job: Job) -> dict[str, Output]:
    """Measure in one regime.

    Outputs: ``estimators`` (a row per noise, horizon, estimator and term), ``errors`` (a row per noise, horizon,
    estimator and number of networks), ``samples`` (gradients with respect to scaled theta).
    """
    problem, own = _problem(job), job.config.estimate
    kept = _live(job, problem)
    tables, errors = [], []
    samples: dict[str, Tensor] = {}
    for s, share in enumerate(own.noise):
        for h, horizon in enumerate(own.horizons):
            found = _cut(problem, kept, s, horizon, share * problem.size)
            seconds = {name: _seconds(kept, name, own.horizons[-1]) for name in found}
            source = seeding.generator(job.config.seed, "estimate", "resample", s, h)
            table, error = statistics.compare(found, own.terms, seconds, own.resamples, generator=source)
            error = error.assign(seconds=horizon * error.networks * error.seconds)
            tables.append(_placed(table, job.wildcards["regime"], share, horizon))
            errors.append(_placed(error, job.wildcards["regime"], share, horizon))
            samples |= {f"{name}.noise{s}.horizon{h}": value for name, value in found.items()}
    joined = {
        name: pd.concat(parts, ignore_index=True)
        for name, parts in (("estimators", tables), ("errors", errors))
    }
    job.metrics(statistics.headline(joined["estimators"]), 0)
    return {**joined, "samples": samples}


def _placed(table: pd.DataFrame, regime: str, noise: float, horizon: int) -> pd.DataFrame:
    """Say in the first columns what a table is of."""
    place = pd.DataFrame({"regime": regime, "noise": noise, "horizon": horizon}, index=table.index)
    return pd.concat([place, table], axis=1)


def _problem(job: Job) -> Problem:
    """Return the rule of the regime at theta_33, of the norm that meta-learning holds."""
    factor = job.config.estimate.regimes[job.wildcards["regime"]]
    base = job.config.plasticity
    own = base.model_copy(update={"learning_rate": factor * base.learning_rate, "clip": factor * base.clip})
    config = job.config.model_copy(update={"plasticity": own})
    terms = [(int(name[0]), int(name[1])) for name in config.estimate.terms]
    ids = range(config.metalearn.scaling_networks)
    networks = assemble.network(config, ids, job.device, purpose="metalearn scaling")
    environment, noise = assemble.environment(config), assemble.noise(config, "metalearn scaling")
    rule = assemble.polynomial(config, terms, torch.ones(len(terms)).to(networks.weights))
    scale = monomial_scale(rule, networks, environment, generator=noise)
    start = torch.tensor([assemble.monomial_sign(term) if term == (3, 3) else 0.0 for term in terms])
    rule = assemble.polynomial(config, terms, scale * hold_norm(start.to(scale), config.metalearn.norm))
    return Problem(config, rule, scale, update_size(rule, networks, environment, generator=noise))


def _live(job: Job, problem: Problem) -> State:
    """Let all networks live with all estimators, going on from a checkpoint; arrays h b …, seconds by name."""
    own = job.config.estimate
    kept: State = job.resume() or {}
    done = int(kept.get("networks", torch.zeros(())))
    if done < own.networks:
        _warm_up(problem, _batch(job, problem, range(done, min(done + own.batch, own.networks))))
    with job.progress(own.networks, "networks", done) as bar:
        while done < own.networks:
            batch = _batch(job, problem, range(done, min(done + own.batch, own.networks)))
            for s, share in enumerate(own.noise):
                clock = Clock()
                for name, value in _estimates(problem, batch, share * problem.size, clock).items():
                    key = f"{s}.{name}"
                    kept[key] = torch.cat([kept[key], value], 1) if key in kept else value
                for name, seconds in clock.seconds.items():
                    key = f"seconds.{name}"
                    kept[key] = kept.get(key, torch.zeros((), dtype=torch.float64)) + seconds / len(own.noise)
            bar.advance(len(batch.learner.network.weights))
            done += len(batch.learner.network.weights)
            kept["networks"] = torch.tensor(done)
            job.checkpoint(kept)
    return kept


def _warm_up(problem: Problem, batch: Batch) -> None:
    """Live two trials with every estimator, so that no clock counts the compiling or loading of kernels."""
    short = batch._replace(trials=lambda: islice(batch.trials(), WARM_UP))
    _estimates(problem, short, problem.config.estimate.noise[0] * problem.size, Clock())


def _batch(job: Job, problem: Problem, ids: range) -> Batch:
    """Draw networks and let them live through the warm-up, in which nothing depends on theta."""
    config, first, longest = problem.config, ids[0], problem.config.estimate.horizons[-1]
    networks = assemble.network(config, ids, job.device, purpose="estimate")
    environment, source = assemble.environment(config), assemble.noise(config, "estimate", first)
    learner = start_learning(problem.rule, networks, len(environment.task.trial_types))
    warm_up = problem.rule.warm_up
    for h in range(warm_up):
        learner, _ = learn(problem.rule, learner, *experience(environment, networks, h, generator=source(h)))

    def trials() -> Iterator[Experience]:
        for h in range(warm_up, warm_up + longest):
            yield experience(environment, networks, h, generator=source(h))

    return Batch(learner, trials, lambda name: seeding.generator(config.seed, "estimate", name, first))


def _estimates(problem: Problem, batch: Batch, noise: float, clock: Clock) -> State:
    """Live once with each estimator; what it tells of each trial, h b …, by name."""
    rule, scale, own = problem.rule, problem.scale, problem.config.estimate
    learner, trials = batch.learner, batch.trials

    def weight_noise() -> Generator:
        return batch.generator("weight noise")

    carried = carry(rule, run_trials(rule, learner, trials(), noise, generator=weight_noise()))
    found = estimators.along_tangents(rule, clock.over("pathwise", carried))
    local = score_local.scores(rule, run_trials(rule, learner, trials(), noise, generator=weight_noise()))
    found["score_local"] = torch.stack([trial.score for trial in clock.over("score_local", local)])
    size = own.evolution_step * scale
    direction = evolution.draw_direction(rule, learner, size, generator=batch.generator("direction"))
    pairs = evolution.contrast(rule, learner, trials(), direction * size, noise, generator=weight_noise())
    contrast = torch.stack([trial.difference for trial in clock.over("evolution", pairs)])
    found["evolution"] = contrast[..., None] * direction / size
    steps = own.difference_step * scale
    sides = estimators.differences(rule, learner, trials(), steps, noise, generator=weight_noise())
    found["difference"] = torch.stack(list(clock.over("difference", sides)))
    found["reverse"] = _reverse(problem, batch, noise, clock)
    return found


def _reverse(problem: Problem, batch: Batch, noise: float, clock: Clock) -> Tensor:
    """Estimate in reverse mode for the longest horizon; NaN for a network without a finite gradient, 1 b p."""
    source = batch.generator("weight noise")

    def once() -> Iterator[Tensor]:
        found = reverse.estimate(
            problem.rule, batch.learner, batch.trials(), noise=Noise(noise), generator=source
        )
        yield torch.where(found.finite[:, None], found.gradient, torch.nan)

    return torch.stack(list(clock.over("reverse", once())))


def _cut(problem: Problem, kept: State, s: int, horizon: int, noise: float) -> State:
    """Return every estimate for one horizon with respect to scaled theta, by name; b p, float64."""
    own = {name.removeprefix(f"{s}."): value for name, value in kept.items() if name.startswith(f"{s}.")}
    whole = own.pop("reverse")[0]
    found = estimators.gradients(own, horizon, noise)
    if horizon == problem.config.estimate.horizons[-1]:
        found["reverse"] = whole
    return {name: (value * problem.scale).double().cpu() for name, value in found.items()}


def _seconds(kept: State, name: str, longest: int) -> float:
    """Return the processor's seconds per network and trial of an estimator; NaN for what is none."""
    run = name.removesuffix("_running").replace("score_total", "pathwise")  # which carries the same tangents
    total = kept.get(f"seconds.{run}", torch.tensor(torch.nan))
    return float(total) / int(kept["networks"]) / longest
