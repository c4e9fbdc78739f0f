"""What the meta-gradient loses by what is left out of it, under theta_33 and learned rules, on the same lifetimes."""

import itertools
from collections.abc import Iterator

import pandas as pd
import torch
from torch import Tensor

from threefactor import seeding
from threefactor.analysis.gradients.gradient_error import POOLS, Difference, difference, interval
from threefactor.contract import Experience, Network, Rule
from threefactor.derivatives.ablation import WHOLE, WINDOW, Compared, compare
from threefactor.experiment import build as assemble
from threefactor.experiment.learned import living, tables
from threefactor.pipeline.job import Job
from threefactor.pipeline.progress import Advance
from threefactor.pipeline.storage.outputs import Output
from threefactor.training.environment import experience
from threefactor.training.trial import start_learning

Row = dict[str, object]
PLAIN, NETWORK = "theta_33", "network"

COLUMNS = [
    *("learning_rule", "ablation", "window", "horizon", "over", "network", "networks", "failed", "clipped"),
    "gradient_norm",
    *(f"{value}{end}" for value in Difference._fields for end in ("", "_low", "_high")),
]


def compute(job: Job) -> dict[str, Output]:
    """Differentiate the mean reward of a lifetime with and without each term.

    Output: ``omissions``, for each rule, omission and horizon a row per network and one for each way to pool networks.
    """
    own = job.config.ablate
    network = assemble.network(job.config, range(own.networks), job.device, purpose="ablate")
    rules, frames = _rules(job), []
    with job.progress(len(rules) * own.horizons[-1], "trials") as bar:
        for name, (rule, scale) in rules.items():
            learner = start_learning(rule, network, len(assemble.task(job.config).trial_types))
            found = compare(rule, learner, _trials(job, network, bar), own.horizons, own.windows)
            frames.append(pd.DataFrame(_rows(job, found, scale)).assign(learning_rule=name))
    table = pd.concat(frames, ignore_index=True).reindex(columns=COLUMNS)
    _record(job, table)
    return {"omissions": table}


def _rules(job: Job) -> dict[str, tuple[Rule, Tensor]]:
    """Return theta_33 and the first learned rules, each with the scale of its terms; theta_33 has those of the first."""
    config = job.config
    found: dict[str, tuple[Rule, Tensor]] = {}
    learned = tables(job)
    for name, one in learned.items():
        scale = torch.tensor(one.theta["scale"].to_numpy(), dtype=torch.float64)
        if not found:
            terms = list(zip(one.theta["k"], one.theta["l"], strict=True))
            found[PLAIN] = (_plain(job, terms), scale)
        found[name] = (living(config, name, learned, job.device).rule, scale)
    return dict(itertools.islice(found.items(), 1 + config.ablate.learned_rules))


def _plain(job: Job, terms: list[tuple[int, int]]) -> Rule:
    """Return theta_33 with tangents for these terms."""
    values = torch.zeros(len(terms) + 1, dtype=assemble.dtype(job.config), device=job.device)
    values[-1] = assemble.monomial_sign((3, 3))
    rule = assemble.polynomial(job.config, [*terms, (3, 3)], values)
    return rule._replace(params=rule.params._replace(terms=tuple(terms)))


def _trials(job: Job, network: Network, bar: Advance) -> Iterator[Experience]:
    """Yield the trials of a lifetime, the same for every rule."""
    environment, noise = assemble.environment(job.config), assemble.noise(job.config, "ablate")
    for h in range(job.config.ablate.horizons[-1]):
        yield experience(environment, network, h, generator=noise(h))
        bar.advance()


def _rows(job: Job, found: Compared, scale: Tensor) -> Iterator[Row]:
    """Yield the rows of one rule; gradients are in scaled theta."""
    gradients = {name: g.double().cpu() * scale for name, g in found.gradient.items()}
    clipped = found.clipped.double().cpu()
    for name, gradient in gradients.items():
        for s, horizon in enumerate(job.config.ablate.horizons):
            keys = {
                "ablation": name,
                "window": int(name.removeprefix(WINDOW)) if name.startswith(WINDOW) else None,
                "horizon": horizon,
            }
            for row in _compared(job, gradient[s], gradients[WHOLE][s], clipped[s]):
                yield keys | row


def _compared(job: Job, found: Tensor, exact: Tensor, clipped: Tensor) -> Iterator[Row]:
    """Yield a row per network, and one per pool over those of finite gradients and a whole other than zero."""
    finite = (found.isfinite() & exact.isfinite()).all(1) & (exact != 0).any(1)
    differences = difference(found, exact)
    for b, sound in enumerate(finite.tolist()):
        values = {name: part[b].item() for name, part in differences._asdict().items()} if sound else {}
        size = {"gradient_norm": found[b].norm().item()} if sound else {}
        counts = {"networks": int(sound), "failed": int(not sound), "clipped": clipped[b].item()}
        yield {"over": NETWORK, "network": b, **counts, **size, **values}
    for name in POOLS:
        counts = {"networks": int(finite.sum()), "failed": int((~finite).sum())}
        values = _pooled(job, name, found[finite], exact[finite]) if finite.any() else {}
        yield {"over": name, "network": None, **counts, "clipped": clipped.mean().item(), **values}


def _pooled(job: Job, name: str, found: Tensor, exact: Tensor) -> dict[str, float]:
    """Return a pool's differences with their intervals."""
    source = seeding.generator(job.config.seed, "ablate", "bootstrap")
    low, high = interval(POOLS[name], found, exact, job.config.ablate.bootstraps, generator=source)
    values = {}
    for field, value in POOLS[name](found, exact)._asdict().items():
        values[field] = value.item()
        values[f"{field}_low"], values[f"{field}_high"] = (
            getattr(low, field).item(),
            getattr(high, field).item(),
        )
    return values


def _record(job: Job, table: pd.DataFrame) -> None:
    """Record error and cosine of the outer loop's average, at the last horizon."""
    last = table[(table.over == "robust") & (table.horizon == job.config.ablate.horizons[-1])]
    for row in last.itertuples():
        names = {
            f"{value}.{row.learning_rule}.{row.ablation}": getattr(row, value)
            for value in ("error", "cosine")
        }
        job.metrics({name: float(value) for name, value in names.items()}, 0)
