"""Learn theta: climb the reward of a lifetime by gradients that tangents carry through learning.

Every step meets new networks and new noise, the same for all rules that are learned.
"""

import importlib
from collections.abc import Iterator

import pandas as pd
import torch
from torch import Tensor

from threefactor import seeding
from threefactor.config.metalearn import LearnedRule
from threefactor.config.model import Config
from threefactor.contract import Experience, MetaGradient, Network
from threefactor.metalearning.ascent import Ascent, Average, ascend, average, settle, start_ascent
from threefactor.metalearning.lifetime import Noise
from threefactor.metalearning.scaling import monomial_scale, update_size
from threefactor.stages import assemble
from threefactor.stages.job import Job
from threefactor.stages.progress import Advance
from threefactor.storage.outputs import Output
from threefactor.storage.trees import flatten, restore
from threefactor.training.environment import experience
from threefactor.training.trial import start_learning


def compute(job: Job) -> dict[str, Output]:
    """Learn one rule.

    Outputs: ``theta`` (a row per term), ``history`` (a row per step, theta before the step), ``gradients`` (per step
    and network, with respect to scaled theta).
    """
    config, key = job.config, job.wildcards["learned_rule"]
    wanted = config.metalearn.rules[key]
    terms = learned_terms(config.metalearn.degree, wanted)
    scale = _scale(job, terms)
    start = start_ascent(start_theta(config, key, wanted, terms).to(scale), config.metalearn.norm)
    noise = _noise(job, wanted, terms, scale * start.theta)
    kept = _climb(job, wanted, terms, scale, start, noise)
    learned = settle(kept["iterate"][1:], config.metalearn.norm)
    return {
        "theta": theta_table(terms, scale, start.theta, learned),
        "history": history_table(terms, kept, config.metalearn.lifetime),
        "gradients": {name: kept[name] for name in ("gradient", "objective", "finite")},
    }


def learned_terms(degree: int, wanted: LearnedRule) -> list[tuple[int, int]]:
    """Return the (k, l) of the coefficients that are learned."""
    grid = [(k, l) for k in range(degree + 1) for l in range(degree + 1)]
    if wanted.terms == "odd":
        return [(k, l) for k, l in grid if k % 2 and l % 2]
    if wanted.terms == "all":
        return grid
    return sorted((int(name[0]), int(name[1])) for name in wanted.terms)


def start_theta(config: Config, key: str, wanted: LearnedRule, terms: list[tuple[int, int]]) -> Tensor:
    """Return scaled theta before the first step, of any norm; p."""
    if wanted.start == "random":
        return torch.randn(len(terms), generator=seeding.generator(config.seed, "metalearn", key, "start"))
    first = (int(wanted.start[-2]), int(wanted.start[-1]))
    return torch.tensor([assemble.monomial_sign(first) if term == first else 0.0 for term in terms])


def _scale(job: Job, terms: list[tuple[int, int]]) -> Tensor:
    """Return theta / scaled theta of each term; p."""
    config = job.config
    networks = assemble.network(
        config, range(config.metalearn.scaling_networks), job.device, purpose="metalearn scaling"
    )
    rule = assemble.polynomial(config, terms, torch.ones(len(terms)).to(networks.weights))
    noise = assemble.noise(config, "metalearn scaling")
    return monomial_scale(rule, networks, assemble.environment(config), generator=noise)


def _noise(job: Job, wanted: LearnedRule, terms: list[tuple[int, int]], theta: Tensor) -> float:
    """Return the standard deviation of the weight noise of a lifetime."""
    config = job.config
    if wanted.noise == 0:
        return 0.0
    ids = range(config.metalearn.scaling_networks)
    networks = assemble.network(config, ids, job.device, purpose="metalearn scaling")
    rule = assemble.polynomial(config, terms, theta)
    source = assemble.noise(config, "metalearn scaling")
    return wanted.noise * update_size(rule, networks, assemble.environment(config), generator=source)


def _climb(
    job: Job, wanted: LearnedRule, terms: list[tuple[int, int]], scale: Tensor, ascent: Ascent, noise: float
) -> dict[str, Tensor]:
    """Run the outer loop, going on from a checkpoint if there is one; arrays stacked over steps."""
    own = job.config.metalearn
    kept: dict[str, Tensor] = {"iterate": ascent.theta[None]}
    if saved := job.resume():
        ascent = restore(ascent, saved, "ascent")
        kept = {
            name.removeprefix("kept."): value for name, value in saved.items() if name.startswith("kept.")
        }
    with job.progress(own.steps * own.lifetime, "trials of learning", ascent.step * own.lifetime) as bar:
        while ascent.step < own.steps:
            estimate = _estimate(job, wanted, terms, scale, ascent, noise, bar)
            mean = _average(job, estimate, ascent.step)
            step, ascent = ascent.step, ascend(ascent, mean.gradient, own.learning_rate, own.norm)
            _keep(kept, estimate, mean, ascent)
            job.metrics(_metrics(terms, kept, own.lifetime), step)
            job.checkpoint(
                flatten(ascent, "ascent") | {f"kept.{name}": value for name, value in kept.items()}
            )
    return kept


def _average(job: Job, estimate: MetaGradient, step: int) -> Average:
    """Average over networks; where none is left, say which job it was, and which settings tame it."""
    try:
        return average(estimate)
    except FloatingPointError as problem:
        raise FloatingPointError(
            f"metalearn {job.wildcards['learned_rule']}, step {step} of {job.config.metalearn.steps}: {problem}; "
            "smaller values of metalearn.norm, plasticity.learning_rate, plasticity.clip or metalearn.lifetime tame it"
        ) from None


def _estimate(
    job: Job,
    wanted: LearnedRule,
    terms: list[tuple[int, int]],
    scale: Tensor,
    ascent: Ascent,
    noise: float,
    bar: Advance,
) -> MetaGradient:
    """Estimate the gradient with respect to scaled theta, on new networks."""
    config, step = job.config, ascent.step
    own = config.metalearn
    ids = range(step * own.networks, (step + 1) * own.networks)
    networks = assemble.network(config, ids, job.device, purpose="metalearn")
    rule = assemble.polynomial(config, terms, scale * ascent.theta)
    environment = assemble.environment(config)
    estimator = importlib.import_module(f"threefactor.metalearning.estimators.{wanted.estimator}")
    found: MetaGradient = estimator.estimate(
        rule,
        start_learning(rule, networks, len(environment.task.kinds)),
        _experiences(job, networks, step, bar),
        noise=Noise(noise, wanted.step * scale),
        generator=seeding.generator(config.seed, "metalearn", "weight noise", step),
    )
    return found._replace(gradient=found.gradient * scale)


def _experiences(job: Job, networks: Network, step: int, bar: Advance) -> Iterator[Experience]:
    """Yield the trials of a lifetime."""
    environment, source = assemble.environment(job.config), assemble.noise(job.config, "metalearn", step)
    for h in range(job.config.metalearn.lifetime):
        yield experience(environment, networks, h, generator=source(h))
        bar.advance()


def _keep(kept: dict[str, Tensor], estimate: MetaGradient, mean: Average, ascent: Ascent) -> None:
    """Append one step to the arrays."""
    row = {
        "gradient": estimate.gradient,
        "objective": estimate.objective,
        "finite": estimate.finite,
        "mean_gradient": mean.gradient,
        "standard_error": mean.standard_error,
        "clipped": torch.tensor(mean.clipped, device=ascent.theta.device),
        "dropped": torch.tensor(mean.dropped, device=ascent.theta.device),
        "iterate": ascent.theta,
    }
    for name, value in row.items():
        kept[name] = torch.cat([kept[name], value[None]]) if name in kept else value[None]


def _metrics(terms: list[tuple[int, int]], kept: dict[str, Tensor], lifetime: int) -> dict[str, float]:
    """Return the last row of the history, by name."""
    row = history_table(terms, kept, lifetime).iloc[-1]
    return {str(name): float(value) for name, value in row.items() if name != "step"}


def theta_table(terms: list[tuple[int, int]], scale: Tensor, start: Tensor, learned: Tensor) -> pd.DataFrame:
    """Return theta in both scalings, a row per term."""
    columns = {
        "start": scale * start,
        "theta": scale * learned,
        "scale": scale,
        "start_scaled": start,
        "theta_scaled": learned,
    }
    powers = {"k": [k for k, _ in terms], "l": [l for _, l in terms]}
    return pd.DataFrame(powers | {name: value.double().cpu().numpy() for name, value in columns.items()})


def history_table(terms: list[tuple[int, int]], kept: dict[str, Tensor], lifetime: int) -> pd.DataFrame:
    """Return the outer loop, a row per step; theta is that before the step, trials are those of all networks."""
    steps = len(kept["objective"])
    finite = torch.where(kept["finite"], kept["objective"], torch.nan)
    count = kept["finite"].sum(1)
    mean = finite.nanmean(1)
    spread = ((finite - mean[:, None]) ** 2).nansum(1) / (count - 1).clamp_min(1)
    columns: dict[str, Tensor] = {
        "step": torch.arange(steps),
        "objective": mean,
        "objective_standard_error": (spread / count).sqrt(),
        "gradient_norm": kept["mean_gradient"].norm(dim=1),
        "clipped": kept["clipped"],
        "dropped": kept["dropped"],
        "trials": torch.full((steps,), kept["objective"].shape[1] * lifetime),
    }
    for p, (k, l) in enumerate(terms):
        columns[f"theta_scaled_{k}{l}"] = kept["iterate"][:steps, p]
        columns[f"gradient_{k}{l}"] = kept["mean_gradient"][:, p]
        columns[f"standard_error_{k}{l}"] = kept["standard_error"][:, p]
    return pd.DataFrame({name: value.cpu().numpy() for name, value in columns.items()})
