"""Make networks that distances between trained networks are compared with, batch by batch and level by level.

Anchors are the first analysed networks of a batch at a level.  From each begin walks through the weights that keep its
error, steered away from its representation or not; networks with the same singular values of ΔW in random directions do
not keep it; and rates of the anchors in two sets of noisy trials say what noise alone does.
"""

import numpy as np
import pandas as pd
import torch
from torch import Generator, Tensor

from threefactor import seeding
from threefactor.analysis.group import Group
from threefactor.analysis.solutions.noise_floor import resampled_rates
from threefactor.analysis.solutions.random_directions import with_random_directions
from threefactor.analysis.solutions.steering import Steering, away_from
from threefactor.analysis.solutions.walk import Bounds, Walk, walk
from threefactor.analysis.table import stacked
from threefactor.contract import Network
from threefactor.experiment import build
from threefactor.experiment.noise_free_rates import analysed_moments, noise_free_rates
from threefactor.experiment.solutions import at_level
from threefactor.experiment.work import Results, Work
from threefactor.stages.null_models.tables import TABLES
from threefactor.training.batch import convert, select
from threefactor.training.evaluation import evaluate

RESAMPLES = 2
"""Sets of noisy trials of one network."""

Made = tuple[pd.DataFrame, Network]
"""A row for each network that was made, and the networks."""


def compute(work: Work) -> Results:
    """Make them.  Outputs: ``networks`` (a row per network), ``weights`` (and rates of the anchors in noise)."""
    rows: list[pd.DataFrame] = []
    arrays: dict[str, Tensor] = {}
    for group, level in work.each(_anchors(work), "levels"):
        made = _walked(work, group, level, "steered") | _walked(work, group, level, "random")
        if group.final.exists is None and group.final.sign is None:
            made["directions"] = _directions(work, group, level)
        for name, (table, network) in made.items():
            rows.append(table.assign(level=level, null=name))
            arrays |= _arrays(f"{level:g}.{name}", table.network.tolist(), network)
        arrays |= _arrays(f"{level:g}.noise", group.network, group.final)
        arrays |= {f"{level:g}.noise.rates": _noisy(work, group, level).float()}
        arrays |= {name: getattr(group.final, name) for name in ("clamped", "clamped_state")}
        arrays |= {"leak": torch.tensor([group.final.leak], dtype=torch.float64)}
    return Results({"networks": stacked(rows, TABLES["networks"]), "weights": arrays})


def _arrays(key: str, ids: list[int], network: Network) -> dict[str, Tensor]:
    """Return what is kept of the networks of a null model, and of which anchor each came."""
    parts = {name: getattr(network, name).float() for name in ("weights", "output_weights", "input_weights")}
    return {f"{key}.network": torch.tensor(ids), **{f"{key}.{name}": part for name, part in parts.items()}}


def _anchors(work: Work) -> list[tuple[Group, float]]:
    """Load the anchors of each level, from the highest; levels without any are left out."""
    table, arrays, batch = work.table("networks"), work.arrays("solutions"), int(work.wildcards["batch"])
    table = table[table.analysed.astype(bool)]
    found = []
    for level in sorted(set(table.level), reverse=True):
        ids = table.network[table.level == level].tolist()[: work.settings.null_models.anchors]
        if ids:
            both = at_level(work.settings, arrays, batch, level, ids)
            found.append((Group(work.wildcards["learning_rule"], ids, *both), level))
    return found


def _walked(work: Work, group: Group, level: float, null: str) -> dict[str, Made]:
    """Walk several times from each anchor, in single precision; take the ends, and where walks were halfway."""
    settings, copies = work.settings.null_models, work.settings.null_models.walks
    index = torch.arange(len(group.network)).repeat_interleave(copies).to(work.device)
    anchor = convert(select(group.final, index), dtype=torch.float32)
    steering = _away(work, anchor) if null == "steered" else None
    environment = build.environment(work.settings)
    error = float(evaluate(anchor, environment.task).error.max())
    bounds = Bounds(max(level, error), settings.noise_excess)  # an anchor may be above the level by rounding
    source = _source(work, null, level)
    keep = [settings.steps // 2, settings.steps]
    walked = walk(anchor, environment, bounds, keep, generator=source, steering=steering)
    made = {}
    for place, name in enumerate((f"{null}_halfway", null)):
        at = Walk(*(part[:, place] for part in walked))
        columns = {
            key: value.double().cpu().numpy() for key, value in at._asdict().items() if key != "weights"
        }
        made[name] = _rows(group, copies).assign(**columns), anchor._replace(weights=at.weights)
    return made


def _away(work: Work, anchor: Network) -> Steering:
    """Steer away from the representations of the anchors."""
    rates, at = noise_free_rates(work.settings, anchor), analysed_moments(work.settings)
    return away_from(rates.flatten(1, 2), at.step.to(work.device))


def _directions(work: Work, group: Group, level: float) -> Made:
    """Give ΔW of each anchor random directions."""
    source = _source(work, "directions", level)
    network = with_random_directions(group.initial, group.final, generator=source)
    size = torch.linalg.matrix_norm(group.final.weights)
    change = torch.linalg.matrix_norm(network.weights - group.final.weights) / size
    error = evaluate(network, build.task(work.settings)).error
    table = _rows(group, 1).assign(error=error.cpu().numpy(), change=change.cpu().numpy())
    return table, network


def _noisy(work: Work, group: Group, level: float) -> Tensor:
    """Return the rates of the anchors in sets of noisy trials, at the compared moments; a r y t i."""
    rates = resampled_rates(
        group.final,
        build.environment(work.settings),
        RESAMPLES,
        work.settings.null_models.repeats,
        generator=_source(work, "noise", level),
    )
    return rates[:, :, :, analysed_moments(work.settings).step]


def _rows(group: Group, copies: int) -> pd.DataFrame:
    """Return a row for each copy of each anchor."""
    copy = np.tile(np.arange(copies), len(group.network))
    return pd.DataFrame({"network": np.repeat(group.network, copies), "copy": copy})


def _source(work: Work, null: str, level: float) -> Generator:
    """Return the source of randomness of a null model at a level."""
    rule, batch = work.wildcards["learning_rule"], work.wildcards["batch"]
    return seeding.generator(work.settings.seed, "null_models", null, rule, batch, f"{level:g}")
