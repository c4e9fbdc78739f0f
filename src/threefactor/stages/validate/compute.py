"""Hold the tangents against reverse mode through learning, the complex step and differences.

Dense random rules of some degrees are checked in networks of some gains, theta_33 and the learned rules in networks of
the experiment's own gain. The warm-up is as short as it may be, one trial of each type, which sets the baselines;
trials are counted from its end, so that the first one is the first whose update depends on theta. Networks of all
gains are the same draw, scaled, and meet the same trials.
"""

from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd
import torch
from torch import Tensor

from threefactor import seeding
from threefactor.contract import Network, Rule
from threefactor.derivatives import reverse
from threefactor.derivatives.methods import (
    Case,
    Forward,
    by_autograd,
    by_complex_step,
    by_differences,
    by_reverse,
    by_tangents,
    some,
)
from threefactor.derivatives.relative_error import along_errors, backward_errors
from threefactor.experiment import build as assemble
from threefactor.experiment.learned import living, tables
from threefactor.metalearning.ascent import hold_norm
from threefactor.metalearning.scaling import monomial_scale
from threefactor.network.lyapunov import largest_exponent
from threefactor.network.perturbation import draw_start
from threefactor.pipeline.job import Job
from threefactor.pipeline.storage.outputs import Output
from threefactor.training.batch import convert, select
from threefactor.training.environment import experience

Row = dict[str, object]

SETTLE_MS, MEASURE_MS = 10_000.0, 20_000.0
"""Time that a network is left to itself before, and while, its Lyapunov exponent is measured."""


class Checked(NamedTuple):
    """A rule to check."""

    name: str
    rule: Rule
    scale: Tensor  # p, theta / scaled theta of the terms that are differentiated
    gains: tuple[float, ...]


def compute(job: Job) -> dict[str, Output]:
    """Compare for random rules, theta_33 and every learned rule.

    Outputs: ``accuracy``, a row per rule, network, precision of the tangents, method, trial and quantity; ``growth``, a
    row per rule, network and trial.
    """
    checked = [*_random_rules(job), *_own_rules(job)]
    errors, growth = [], []
    with job.progress(len(checked), "rules") as bar:
        for one in checked:
            found, grown = _compare(job, one)
            errors.append(found)
            growth.append(grown)
            bar.advance()
    table = pd.concat(errors, ignore_index=True)
    for key, error in table.groupby(["precision", "method", "quantity"]).relative_error:
        job.metrics({f"largest_error.{'.'.join(map(str, key))}": float(error.max())}, 0)
    return {"accuracy": table, "growth": pd.concat(growth, ignore_index=True)}


def _random_rules(job: Job) -> Iterator[Checked]:
    """Yield a dense rule of each degree, random in scaled theta, of the norm that meta-learning holds."""
    config, degrees = job.config, job.config.validation.degrees
    every = _grid(max(degrees, default=0))
    scales = dict(zip(every, _scale(job, every) if degrees else (), strict=False))
    for degree in degrees:
        name, grid = f"random_{degree}", _grid(degree)
        scale = torch.stack([scales[term] for term in grid])
        source = seeding.generator(config.seed, "validate", name)
        drawn = torch.randn(len(grid), generator=source, dtype=torch.float64).to(job.device)
        theta = hold_norm(drawn, config.metalearn.norm or 1.0)
        rule = assemble.polynomial(config, grid, scale * theta)
        yield _checked(job, name, rule, scale, config.validation.gains)


def _grid(degree: int) -> list[tuple[int, int]]:
    """Return all (k, l) up to a degree."""
    return [(k, l) for k in range(degree + 1) for l in range(degree + 1)]


def _own_rules(job: Job) -> Iterator[Checked]:
    """Yield theta_33, with tangents for the terms of the first learned rule, and each learned rule."""
    config, first = job.config, True
    learned = tables(job)
    for name, one in learned.items():
        rule = living(config, name, learned, job.device).rule
        scale = torch.tensor(one.theta["scale"].to_numpy(), dtype=torch.float64, device=job.device)
        if first:
            yield _checked(job, "theta_33", _theta_33(job, rule), scale, (config.network.gain,))
        yield _checked(job, name, rule, scale, (config.network.gain,))
        first = False


def _theta_33(job: Job, like: Rule) -> Rule:
    """Return theta_33 with tangents for the terms of another rule."""
    plain = assemble.learning_rule(job.config, "theta_33", None, job.device).params.theta
    size = max(len(plain), len(like.params.theta))
    theta = torch.nn.functional.pad(plain, (0, size - len(plain)) * 2)
    return like._replace(params=like.params._replace(theta=theta))


def _scale(job: Job, terms: list[tuple[int, int]]) -> Tensor:
    """Return theta / scaled theta of each term; p."""
    config = job.config
    ids = range(config.metalearn.scaling_networks)
    network = assemble.network(config, ids, job.device, purpose="metalearn scaling")
    rule = assemble.polynomial(config, terms, torch.ones(len(terms)).to(network.weights))
    noise = assemble.noise(config, "metalearn scaling")
    return monomial_scale(rule, network, assemble.environment(config), generator=noise).double()


def _checked(job: Job, name: str, rule: Rule, scale: Tensor, gains: tuple[float, ...]) -> Checked:
    """Draw the coefficients that are differentiated, and end the warm-up with the first trial of the last type."""
    terms, most = rule.params.terms, job.config.validation.coefficients
    source = seeding.generator(job.config.seed, "validate", name, "coefficients")
    kept = sorted(torch.randperm(len(terms), generator=source)[:most].tolist())
    params = rule.params._replace(theta=rule.params.theta.double(), terms=tuple(terms[p] for p in kept))
    trial_types = len(assemble.task(job.config).trial_types)
    return Checked(name, rule._replace(params=params, warm_up=trial_types), scale[kept], gains)


def _compare(job: Job, checked: Checked) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the errors of one rule, and the growth of its derivatives."""
    own = job.config.validation
    case = _case(job, checked)
    directions = _draw(job, checked.name, "directions", own.directions, len(case.scale))
    directions /= directions.norm(dim=1, keepdim=True)
    projection = _draw(job, checked.name, "projection", *case.network.weights.shape[1:])
    tangents = by_tangents(case, directions, projection, torch.float64)
    single = by_tangents(case, directions, projection, torch.float32)
    exact, backward = by_complex_step(case, directions), by_reverse(case, projection)
    marks = case.marks
    found: list[tuple[str, str, float | None, dict[str, Tensor], tuple[int, ...]]] = [
        ("float64", "complex_step", None, along_errors(tangents.along, exact, marks), marks),
        ("float32", "complex_step", None, along_errors(single.along, exact, marks), marks),
        ("float64", "reverse", None, backward_errors(tangents, backward, marks), marks),
    ]
    for step in own.step_sizes:
        difference = along_errors(by_differences(case, directions, step), tangents.along, marks)
        found.append(("float64", "difference", step, difference, marks))
    rows = [row for one in found for row in _rows(*one)]
    rows += _rows("float64", "autograd", None, *_by_autograd(job, case, projection))
    return _named(job, checked, rows), _named(job, checked, list(_growth(job, case, tangents)))


def _draw(job: Job, *words: str | int) -> Tensor:
    """Draw N(0, 1) of a shape, the last two words."""
    *purpose, rows, columns = words
    source = seeding.generator(job.config.seed, "validate", *purpose)
    return torch.randn(int(rows), int(columns), generator=source, dtype=torch.float64).to(job.device)


def _case(job: Job, checked: Checked) -> Case:
    """Return the lifetime: networks g by g, in float64."""
    config = job.config
    environment, noise = assemble.environment(config), assemble.noise(config, "validate")
    of_gain_one = config.model_copy(update={"network": config.network.model_copy(update={"gain": 1.0})})
    ids = range(config.validation.networks)
    network = convert(assemble.network(of_gain_one, ids, job.device, purpose="validate"), dtype=torch.float64)
    marks = tuple(sorted(set(config.validation.trials)))
    every = torch.arange(config.validation.networks, device=job.device).repeat(len(checked.gains))
    trials = range(checked.rule.warm_up + marks[-1])
    drawn = (select(experience(environment, network, h, generator=noise(h)), every) for h in trials)
    sampled = [reverse.sparse(one) for one in drawn]
    gains = torch.tensor(checked.gains, dtype=torch.float64, device=job.device)
    several = select(network, every)
    weights = several.weights * gains.repeat_interleave(len(ids))[:, None, None]
    trial_types = len(environment.task.trial_types)
    return Case(checked.rule, checked.scale, several._replace(weights=weights), sampled, trial_types, marks)


def _by_autograd(job: Job, case: Case, projection: Tensor) -> tuple[dict[str, Tensor], tuple[int, ...]]:
    """Return the errors against autograd through the first trials of the first network, and their last trial."""
    last = min(job.config.validation.autograd_trials, case.marks[-1])
    short = some(case, slice(1))._replace(marks=(last,))
    directions = torch.zeros(1, len(case.scale), dtype=torch.float64, device=job.device)
    found = by_tangents(short, directions, projection, torch.float64)
    return backward_errors(found, by_autograd(short, projection), (last,)), (last,)


def _growth(job: Job, case: Case, tangents: Forward) -> Iterator[Row]:
    """Yield the size of the derivatives along the directions, and the networks' Lyapunov exponents, at each trial."""
    stages = [case.network, *(case.network._replace(weights=weights) for weights in tangents.weights)]
    exponents = dict(zip((0, *case.marks), (_exponents(job, one) for one in stages), strict=True))
    sizes = tangents.along.reward.square().mean(2).sqrt()
    for b in range(len(case.network.weights)):
        for h in range(len(sizes) + 1):
            yield {
                "place": b,
                "trial": h,
                "reward_tangent_norm": float(sizes[h - 1, b]) if h else 0.0,
                "weight_tangent_norm": float(tangents.size[h - 1, b]) if h else 0.0,
                "lyapunov_exponent": float(exponents[h][b]) if h in exponents else float("nan"),
            }


def _exponents(job: Job, network: Network) -> Tensor:
    """Return the largest Lyapunov exponents, in 1/s; b."""
    config, step = job.config, job.config.network.time_step_ms
    source = seeding.generator(config.seed, "validate", "lyapunov")
    start = draw_start(select(network, slice(1)), config.network.start_scale, generator=source)
    found = largest_exponent(
        network,
        start.expand(len(network.weights), -1).contiguous(),
        burn_in=round(SETTLE_MS / step),
        steps=round(MEASURE_MS / step),
        generator=source,
    )
    return found * 1000 / step


def _rows(
    precision: str, method: str, step: float | None, found: dict[str, Tensor], marks: tuple[int, ...]
) -> Iterator[Row]:
    """Yield a row per quantity, trial and network; of what does not depend on theta, as R^1, there is none."""
    for quantity, error in found.items():
        for trial, networks in zip(marks[-len(error) :], error.tolist(), strict=True):
            for b, value in enumerate(networks):
                if value == value:
                    yield {
                        "place": b,
                        "precision": precision,
                        "method": method,
                        "step_size": float("nan") if step is None else step,
                        "trial": trial,
                        "quantity": quantity,
                        "relative_error": value,
                    }


# of a table without a row, where no error is a number
COLUMNS = ("place", "precision", "method", "step_size", "trial", "quantity", "relative_error")


def _named(job: Job, checked: Checked, rows: list[Row]) -> pd.DataFrame:
    """Return a table whose first columns say rule, degree, gain and network."""
    table = pd.DataFrame(rows, columns=None if rows else list(COLUMNS))
    count = job.config.validation.networks
    place = table.pop("place").astype(int)
    named = pd.DataFrame(
        {
            "learning_rule": checked.name,
            "degree": int(checked.rule.params.theta.nonzero().max()),
            "gain": place.map(lambda b: checked.gains[b // count]),
            "network": place % count,
        }
    )
    return pd.concat([named, table], axis=1)
