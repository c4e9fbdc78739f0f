"""Compare the meta-gradient without some of its terms with the whole one, on the same learning runs."""

import itertools
from collections.abc import Iterator

import pandas as pd
import torch
from torch import Tensor

from threefactor import seeding
from threefactor.analysis.gradients.gradient_error import POOLS, Difference, difference, interval
from threefactor.contract import Experience, Network, Rule
from threefactor.derivatives.ablation import WHOLE, WINDOW, Compared, compare
from threefactor.experiment import build, build_rule
from threefactor.experiment.learned import rule_under, tables
from threefactor.experiment.work import Results, Work
from threefactor.stages.ablation.tables import TABLES
from threefactor.training.environment import experience
from threefactor.training.trial import start_learning

Row = dict[str, object]
PLAIN, NETWORK = "theta_33", "network"


def compute(work: Work) -> Results:
    """Differentiate the mean reward of a learning run with and without each term.

    Output: ``ablation``, for each rule, ablation and horizon a row per network and one for each way to pool networks.
    """
    chosen = work.settings.ablation
    network = build.network(work.settings, range(chosen.networks), work.device, purpose="ablate")
    frames = []
    for name, (rule, scale) in work.each(list(_rules(work).items()), "rules"):
        learner = start_learning(rule, network, len(build.task(work.settings).trial_types))
        found = compare(rule, learner, _trials(work, network), chosen.horizons, chosen.windows)
        frames.append(pd.DataFrame(_rows(work, found, scale)).assign(learning_rule=name))
    table = pd.concat(frames, ignore_index=True).reindex(columns=TABLES["ablation"].names())
    return Results({"ablation": table}, _metrics(table, chosen.horizons[-1]))


def _rules(work: Work) -> dict[str, tuple[Rule, Tensor]]:
    """Return theta_33 and the first learned rules, each with the scale of its terms; theta_33 has those of the first."""
    settings, learned = work.settings, tables(work)
    found: dict[str, tuple[Rule, Tensor]] = {}
    for name, one in learned.items():
        scale = torch.tensor(one.theta["scale"].to_numpy(), dtype=torch.float64)
        if not found:
            terms = list(zip(one.theta["k"], one.theta["l"], strict=True))
            found[PLAIN] = (_plain(work, terms), scale)
        found[name] = (rule_under(settings, name, learned, work.device).rule, scale)
    return dict(itertools.islice(found.items(), 1 + settings.ablation.learned_rules))


def _plain(work: Work, terms: list[tuple[int, int]]) -> Rule:
    """Return theta_33 with tangents for these terms."""
    values = torch.zeros(len(terms) + 1, dtype=build.dtype(work.settings), device=work.device)
    values[-1] = build_rule.monomial_sign((3, 3))
    rule = build_rule.polynomial(work.settings, [*terms, (3, 3)], values)
    return rule._replace(params=rule.params._replace(terms=tuple(terms)))


def _trials(work: Work, network: Network) -> Iterator[Experience]:
    """Yield the trials of a learning run, the same for every rule."""
    environment, noise = build.environment(work.settings), build.noise(work.settings, "ablate")
    for h in range(work.settings.ablation.horizons[-1]):
        yield experience(environment, network, h, generator=noise(h))


def _rows(work: Work, found: Compared, scale: Tensor) -> Iterator[Row]:
    """Yield the rows of one rule; gradients are in scaled theta."""
    gradients = {name: g.double().cpu() * scale for name, g in found.gradient.items()}
    clipped = found.clipped.double().cpu()
    for name, gradient in gradients.items():
        window = int(name.removeprefix(WINDOW)) if name.startswith(WINDOW) else None
        for s, horizon in enumerate(work.settings.ablation.horizons):
            keys = {"ablation": name, "window": window, "horizon": horizon}
            for row in _compared(work, gradient[s], gradients[WHOLE][s], clipped[s]):
                yield keys | row


def _compared(work: Work, found: Tensor, exact: Tensor, clipped: Tensor) -> Iterator[Row]:
    """Yield a row per network, and one per pool over those of finite gradients and a whole one other than zero."""
    finite = (found.isfinite() & exact.isfinite()).all(1) & (exact != 0).any(1)
    differences = difference(found, exact)
    for b, sound in enumerate(finite.tolist()):
        values = {name: part[b].item() for name, part in differences._asdict().items()} if sound else {}
        size = {"gradient_norm": found[b].norm().item()} if sound else {}
        counts = {"networks": int(sound), "failed": int(not sound), "clipped": clipped[b].item()}
        yield {"over": NETWORK, "network": b, **counts, **size, **values}
    for name in POOLS:
        counts = {"networks": int(finite.sum()), "failed": int((~finite).sum())}
        values = _pooled(work, name, found[finite], exact[finite]) if finite.any() else {}
        yield {"over": name, "network": None, **counts, "clipped": clipped.mean().item(), **values}


def _pooled(work: Work, name: str, found: Tensor, exact: Tensor) -> dict[str, float]:
    """Return a pool's differences with their intervals."""
    source = seeding.generator(work.settings.seed, "ablate", "bootstrap")
    low, high = interval(POOLS[name], found, exact, work.settings.ablation.bootstraps, generator=source)
    value = POOLS[name](found, exact)
    return {
        f"{field}{end}": getattr(part, field).item()
        for field in Difference._fields
        for end, part in (("", value), ("_low", low), ("_high", high))
    }


def _metrics(table: pd.DataFrame, horizon: int) -> dict[str, float]:
    """Return error and cosine of the outer loop's average, at the last horizon."""
    last = table[(table.over == "clipped") & (table.horizon == horizon)]
    return {
        f"{value}.{row.learning_rule}.{row.ablation}": float(getattr(row, value))
        for row in last.itertuples()
        for value in ("error", "cosine")
    }
