"""Hold the tangents against autograd through learning, the complex step and differences, trial by trial.

The lifetime is that of the default experiment without its warm-up. The exact reference of an error is the complex step;
for autograd, which reaches weights only in projection, the error is that between autograd and tangents.
"""

from collections.abc import Iterator

import pandas as pd
import torch
from torch import Tensor

from threefactor import seeding
from threefactor.contract import Experience, Network, Rule
from threefactor.stages import assemble
from threefactor.stages.job import Job
from threefactor.storage.outputs import Output
from threefactor.training.batch import convert
from threefactor.training.environment import experience
from threefactor.validation.accuracy import errors, relative_error
from threefactor.validation.lifetimes import (
    Sensitivity,
    by_autograd,
    by_complex_step,
    by_differences,
    by_tangents,
)

Row = dict[str, object]


def compute(job: Job) -> dict[str, Output]:
    """Compare for theta_33 and for every learned rule.

    Output: ``accuracy``, a row per rule, precision of the tangents, method, trial and quantity.
    """
    rules = _rules(job)
    frames = []
    with job.progress(len(rules), "rules") as bar:
        for name, rule in rules.items():
            frames.append(pd.DataFrame(_compare(job, rule)).assign(learning_rule=name))
            bar.advance()
    table = pd.concat(frames, ignore_index=True)
    for (method, quantity), error in table[table["precision"] == "float64"].groupby(["method", "quantity"])[
        "relative_error"
    ]:
        job.metrics({f"largest_error.{method}.{quantity}": float(error.max())}, 0)
    return {"accuracy": table[["learning_rule", *(c for c in table if c != "learning_rule")]]}


def _rules(job: Job) -> dict[str, Rule]:
    """Return theta_33 with tangents for all learned terms, and each learned rule."""
    found = {}
    for path in job.inputs["theta"]:
        name = path.parent.name
        found[name] = assemble.learning_rule(job.config, name, job.table(path), job.device)
    plain = assemble.learning_rule(job.config, "theta_33", None, job.device)
    terms = next(iter(found.values())).params.terms
    theta = torch.zeros_like(next(iter(found.values())).params.theta)
    rows, columns = (min(a, b) for a, b in zip(theta.shape, plain.params.theta.shape, strict=True))
    theta[:rows, :columns] = plain.params.theta[:rows, :columns]
    return {"theta_33": plain._replace(params=plain.params._replace(theta=theta, terms=terms)), **found}


def _compare(job: Job, rule: Rule) -> Iterator[Row]:
    """Yield the errors of one rule."""
    config = job.config
    awake = rule._replace(warm_up=0, params=rule.params._replace(theta=rule.params.theta.double()))
    network, lived, kinds = _lifetime(job)
    exact = by_complex_step(awake, network, lived, kinds)
    tangents = by_tangents(awake, network, lived, kinds, torch.float64)
    single = by_tangents(awake, network, lived, kinds, torch.float32)
    yield from _rows("float64", "complex_step", torch.nan, errors(tangents, exact))
    yield from _rows("float32", "complex_step", torch.nan, errors(single, exact))
    yield from _rows(
        "float64", "autograd", torch.nan, _against_autograd(job, awake, network, lived, kinds, tangents)
    )
    for step in config.validation.step_sizes:
        differences = by_differences(awake, network, lived, kinds, step)
        yield from _rows("float64", "difference", step, errors(tangents, differences))


def _lifetime(job: Job) -> tuple[Network, list[Experience], int]:
    """Return networks in float64, their trials, and the number of trial types."""
    config = job.config
    environment = assemble.environment(config)
    ids = range(config.validation.networks)
    network = convert(assemble.network(config, ids, job.device, purpose="validate"), dtype=torch.float64)
    noise = assemble.noise(config, "validate")
    trials = range(config.validation.trials)
    lived = [experience(environment, network, h, generator=noise(h)) for h in trials]
    return network, lived, len(environment.task.kinds)


def _against_autograd(
    job: Job, rule: Rule, network: Network, lived: list[Experience], kinds: int, tangents: Sensitivity
) -> dict[str, Tensor]:
    """Return the errors between reverse mode and tangents, the weights being projected on a random direction."""
    source = seeding.generator(job.config.seed, "validate", "direction")
    direction = torch.randn(network.weights.shape[1:], generator=source, dtype=torch.float64).to(job.device)
    reward, weights = by_autograd(rule, network, lived, kinds, direction)
    return {
        "reward_tangent": relative_error(tangents.reward, reward),
        "weight_tangent": relative_error((tangents.weights * direction).sum((3, 4)), weights),
    }


def _rows(precision: str, method: str, step: float, found: dict[str, Tensor]) -> Iterator[Row]:
    """Yield a row per quantity and trial; trials in which nothing depends on theta yet are left out."""
    for quantity, error in found.items():
        for trial, value in enumerate(error.tolist(), start=1):
            if value == value:
                yield {
                    "precision": precision,
                    "method": method,
                    "step_size": step,
                    "trial": trial,
                    "quantity": quantity,
                    "relative_error": value,
                }
