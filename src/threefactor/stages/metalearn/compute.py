"""Learn theta: climb the reward of a lifetime by gradients that tangents carry through learning.

Every step meets new networks and new noise, the same for all rules that are learned. Beside, theta is scored on other
networks, the same at every score; where it no longer gets better, learning stops.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from threefactor import seeding
from threefactor.contract import MetaGradient
from threefactor.experiment import build as assemble
from threefactor.experiment.settings.errors import ConfigError
from threefactor.metalearning import constraints
from threefactor.metalearning import perturbation_fit as kicks
from threefactor.metalearning.ascent import Ascent, Average, average, start_ascent
from threefactor.pipeline.job import Job
from threefactor.pipeline.settings.model import Config
from threefactor.pipeline.storage.outputs import Output
from threefactor.pipeline.storage.trees import flatten, restore
from threefactor.stages import hyperparameters, outer
from threefactor.stages.hyperparameters import Kept, append
from threefactor.stages.learned_tables import held_out_table, history_table, theta_table
from threefactor.stages.outer import Problem


class Search(NamedTuple):
    """A rule, and the job that learns it."""

    job: Job
    problem: Problem

    @property
    def name(self) -> str:
        """Key of the rule."""
        return self.job.wildcards["learned_rule"]


def compute(job: Job) -> dict[str, Output]:
    """Learn one rule.

    Outputs: ``theta`` (a row per term), ``hyperparameters`` (a row per setting learned beside), ``history`` (a row per step, what
    is before the step), ``held_out`` (a row per score on networks held out), ``gradients`` (per step and network, with
    respect to scaled theta).
    """
    key = job.wildcards["learned_rule"]
    problem = outer.pose(job, key)
    first = start_theta(job.config, key, problem).to(problem.scale)
    allowed = constraints.hold(first, problem.constraint._replace(norm=0))
    start = start_ascent(allowed, problem.norm)
    search = Search(job, outer.noisy(job, problem, start.theta))
    kept = _climb(search, start)
    best = _best(search, kept)
    return {
        "theta": theta_table(problem, start.theta, _candidate(search, kept, best)),
        "hyperparameters": hyperparameters.table(
            problem.config, problem.wanted.learn, _settings(search, kept, best)
        ),
        "history": history_table(problem, kept),
        "held_out": held_out_table(problem, kept, best),
        "gradients": {name: kept[name] for name in ("gradient", "objective", "finite")},
    }


def start_theta(config: Config, key: str, problem: Problem) -> Tensor:
    """Return the coordinates of theta before the first step, of any norm; p."""
    start, terms = config.metalearn.rules[key].start, problem.terms
    if start == "random":
        return torch.randn(len(terms), generator=seeding.generator(config.seed, "metalearn", key, "start"))
    if start == "kicks":
        if not problem.guess.perturbation > 0:
            raise ConfigError(
                f"metalearn.rules.{key}.start = 'kicks': not one came in the trials that scale monomials; allowed is "
                "another start, or kicks that come more often (perturbation.rate_per_ms)"
            )
        return problem.coordinates(kicks.best_guess(problem.guess).to(problem.scale))
    first = (int(start[-2]), int(start[-1]))
    one = torch.tensor([assemble.monomial_sign(first) if term == first else 0.0 for term in terms])
    return one if problem.basis is None else problem.coordinates(one.to(problem.scale) * problem.scale)


def _climb(search: Search, ascent: Ascent) -> Kept:
    """Run the outer loop, going on from a checkpoint if there is one; arrays stacked over steps."""
    job, problem = search
    kept, count = {"iterate": ascent.theta[None]}, len(ascent.theta)
    free = hyperparameters.start(problem.wanted.learn, ascent.theta)
    if saved := job.resume():
        ascent, free = (restore(part, saved, name) for part, name in ((ascent, "ascent"), (free, "free")))
        kept = {
            name.removeprefix("kept."): value for name, value in saved.items() if name.startswith("kept.")
        }
    total, done = (sum(map(problem.lifetime, range(steps))) for steps in (problem.steps, ascent.step))
    with job.progress(total, "trials of learning", done) as bar:
        while True:
            if _due(search, kept, ascent.step):
                _score(search, kept, ascent.step)
                _checkpoint(job, ascent, free, kept)
            if ascent.step >= problem.steps or _given_up(search, kept):
                return kept
            step = ascent.step
            found = outer.gradient(job, problem, ascent.theta, step, bar, free=free.theta)
            estimate, beside = hyperparameters.split(found, count)
            mean = _average(search, estimate, step)
            free = hyperparameters.climb(free, beside, problem.learning_rate, kept)
            ascent = constraints.ascend_within(
                ascent, mean.gradient, problem.learning_rate, problem.constraint
            )
            _keep(kept, estimate, mean, ascent)
            job.metrics(_metrics(problem, kept), step)
            _checkpoint(job, ascent, free, kept)


def _checkpoint(job: Job, ascent: Ascent, free: Ascent, kept: Kept) -> None:
    """Keep where the loop stands."""
    loop = flatten(ascent, "ascent") | flatten(free, "free")
    job.checkpoint(loop | {f"kept.{name}": value for name, value in kept.items()})


def _average(search: Search, estimate: MetaGradient, step: int) -> Average:
    """Average over networks; where none is left, say which job it was, and which settings tame it."""
    try:
        return average(estimate)
    except FloatingPointError as problem:
        raise FloatingPointError(
            f"metalearn {search.name}, step {step} of {search.problem.steps}: {problem}; "
            "smaller values of metalearn.norm, plasticity.learning_rate, plasticity.clip or metalearn.lifetime tame it"
        ) from None


def _due(search: Search, kept: Kept, step: int) -> bool:
    """Tell whether theta is to be scored before a step; after the last step it is, too."""
    own = search.job.config.metalearn
    wanted = step % own.held_out_every == 0 or step >= search.problem.steps
    return bool(own.held_out_networks) and wanted and step not in kept.get("scored", torch.empty(0)).tolist()


def _score(search: Search, kept: Kept, step: int) -> None:
    """Score where theta would rest if learning stopped here, on networks held out."""
    job, own = search.job, search.job.config.metalearn
    theta, free = _candidate(search, kept, step)[None], _settings(search, kept, step)
    sample = own.held_out_networks, own.held_out_trials
    found = outer.score(job, search.problem, theta, *sample, purpose="metalearn held out", free=free)
    row = {"scored": torch.tensor(step), "score": torch.stack([part[0].double() for part in found])}
    append(kept, row)
    mean = row["score"][0].mean().item()
    job.metrics({"held_out_smoothed_error_rate": mean}, step)
    job.log.info("step %d: soft error rate %.3f on networks held out", step, mean)


def _given_up(search: Search, kept: Kept) -> bool:
    """Tell whether the last scores brought nothing better."""
    patience = search.job.config.metalearn.patience
    if not patience or "score" not in kept:
        return False
    means = kept["score"][:, 0].mean(1)
    return len(means) - 1 - int(means.argmin()) >= patience


def _best(search: Search, kept: Kept) -> int:
    """Return the step at which theta is taken: the best score's with patience, else the last."""
    if search.job.config.metalearn.patience and "score" in kept:
        return int(kept["scored"][kept["score"][:, 0].mean(1).argmin()])
    return len(kept["iterate"]) - 1


def _candidate(search: Search, kept: Kept, step: int) -> Tensor:
    """Return the scaled theta of learning that stops before a step; p."""
    if step == 0:
        return kept["iterate"][0]
    return constraints.average_iterates(kept["iterate"][1 : step + 1], search.problem.constraint)


def _settings(search: Search, kept: Kept, step: int) -> Tensor:
    """Return the free coordinates of learning that stops before a step; s."""
    return hyperparameters.rest(search.problem.wanted.learn, kept, step)


def _keep(kept: Kept, estimate: MetaGradient, mean: Average, ascent: Ascent) -> None:
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
    append(kept, row)


def _metrics(problem: Problem, kept: Kept) -> dict[str, float]:
    """Return the last row of the history, by name."""
    row = history_table(problem, kept).iloc[-1]
    return {str(name): float(value) for name, value in row.items() if name != "step"}
