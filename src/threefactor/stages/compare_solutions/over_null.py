"""How far apart networks of one rule are, beside null models: noise, walks, no learning, random directions."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from threefactor.analysis.solutions.class_columns import OVER_NULL
from threefactor.analysis.solutions.compared import Compared, some, together
from threefactor.analysis.solutions.comparison_tables import Distances, all_distances
from threefactor.analysis.solutions.spread import mean_distance
from threefactor.analysis.solutions.spread_over_null import spread_over_null
from threefactor.analysis.table import stacked
from threefactor.experiment.solutions import network_of
from threefactor.experiment.work import Work
from threefactor.stages.compare_solutions.solutions import Solutions, compared
from threefactor.training.batch import convert, select

WALKS = ("steered", "random")
"""Null models that keep the error."""

OTHERS = ("directions", "noise")
"""Null models that are compared network by network."""

NULLS = (*WALKS, *(f"{kind}_halfway" for kind in WALKS), *OTHERS)

NAN = float("nan")

Part = tuple[list[int], Compared]
"""The anchor of each network, and what is compared of them."""


class Null(NamedTuple):
    """The networks of one null model at a level, of one rule."""

    network: list[int]  # n, id of the anchor
    distances: Distances  # n n, by name
    from_anchor: Distances  # n, of each from its anchor

    def within_anchors(self, name: str) -> dict[int, float]:
        """Return the mean distance between the networks of each anchor that has several, by its id."""
        places = {one: np.flatnonzero(np.equal(self.network, one)) for one in dict.fromkeys(self.network)}
        matrix = self.distances[name]
        return {one: mean_distance(matrix[np.ix_(at, at)]) for one, at in places.items() if len(at) > 1}


def over_null_table(
    work: Work, found: Solutions, distances: Distances, counts: NDArray[np.float64]
) -> pd.DataFrame:
    """Put the spread within each rule beside every null model, a row for each kind of walk; empty without anchors."""
    parts, rows = _parts(work, found), []
    for at, rule in enumerate(dict.fromkeys(found.profile.learning_rule)):
        own = np.flatnonzero(found.rule == at)
        index = torch.as_tensor(own, device=found.compared.rates.device)
        ids, trained = found.profile.network[own].tolist(), some(found.compared, index)
        nulls = {null: _joined(several, trained, ids) for null, several in parts.get(rule, {}).items()}
        untrained = all_distances(some(found.untrained, index))
        for name, matrix in distances.items():
            inner, before = matrix[np.ix_(own, own)], mean_distance(untrained[name])
            of_rule = _rows(nulls, name, inner, ids, counts)
            rows += [{"learning_rule": rule, "distance": name, "untrained": before, **one} for one in of_rule]
    return stacked([pd.DataFrame(rows)], OVER_NULL).assign(level=found.level)


def _rows(
    nulls: Mapping[str, Null],
    name: str,
    inner: NDArray[np.float64],
    ids: list[int],
    counts: NDArray[np.float64],
) -> list[dict[str, object]]:
    """Return a row for each kind of walk, of one rule and distance."""
    same = {null: one.within_anchors(name) for null, one in nulls.items()}
    values = {
        "noise": _mean(same.get("noise", {})),
        "random_directions": mean_distance(nulls["directions"].distances[name])
        if "directions" in nulls
        else NAN,
    }
    rows = []
    for kind in WALKS:
        reached = same.get(kind, {})
        anchors, walked = (
            np.array([ids.index(one) for one in reached], np.int64),
            np.array([*reached.values()]),
        )
        one = spread_over_null(inner, walked, anchors, counts[:, ids])._asdict()
        one["ratio_low"], one["ratio_high"] = one.pop("low"), one.pop("high")
        away = {
            "reachable_halfway": _mean(same.get(f"{kind}_halfway", {})),
            "from_anchor": nulls[kind].from_anchor[name].mean() if kind in nulls else NAN,
        }
        rows.append({"walks": kind, "anchors": len(reached), **values, **one, **away})
    return rows


def _parts(work: Work, found: Solutions) -> dict[str, dict[str, list[Part]]]:
    """Read the networks of all null models of the compared rules at a level, by rule and null model."""
    parts: dict[str, dict[str, list[Part]]] = {}
    rules = set(found.profile.learning_rule)
    for values, arrays in work.each_arrays("nulls"):
        for null in NULLS if values["learning_rule"] in rules else ():
            if f"{found.level:g}.{null}.network" in arrays:
                own = parts.setdefault(values["learning_rule"], {})
                own.setdefault(null, []).append(_compared(work, arrays, f"{found.level:g}.{null}"))
    return parts


def _compared(work: Work, arrays: Mapping[str, Tensor], key: str) -> tuple[list[int], Compared]:
    """Return the anchors of the networks of a null model, and what is compared of these.

    Of noise, each anchor is there as often as its rates were measured.
    """
    ids = arrays[f"{key}.network"]
    own = {**arrays, "input_weights": arrays[f"{key}.input_weights"]}
    network = convert(network_of(own, key, work.settings.network.activation), dtype=torch.float64)
    if f"{key}.rates" not in arrays:
        return ids.tolist(), compared(work, network)
    rates = arrays[f"{key}.rates"].double()
    copies = torch.arange(len(ids), device=ids.device).repeat_interleave(rates.shape[1])
    seen = compared(work, select(network, copies))
    return ids[copies].tolist(), seen._replace(rates=rates.flatten(0, 1))


def _joined(parts: list[Part], trained: Compared, of: list[int]) -> Null:
    """Join the networks of all batches, and measure their distances, also from their anchors among the trained ones."""
    network = [number for ids, _ in parts for number in ids]
    index = torch.tensor([of.index(number) for number in network], device=trained.rates.device)
    every = all_distances(together([*(one for _, one in parts), some(trained, index)]))
    count = len(network)
    between = {name: matrix[:count, :count] for name, matrix in every.items()}
    away = {name: matrix[:count, count:].diagonal() for name, matrix in every.items()}
    return Null(network, between, away)


def _mean(values: Mapping[int, float]) -> float:
    """Return the mean, NaN of nothing."""
    return float(np.mean(list(values.values()))) if values else NAN
