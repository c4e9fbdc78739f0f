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


Part = tuple[str, list[int], Compared]
"""The rule, the anchor of each network, and what is compared of them."""


class Null(NamedTuple):
    """The networks of one null model at a level, of all rules."""

    rule: list[str]  # n
    network: list[int]  # n, id of the anchor
    distances: Distances  # n n, by name
    from_anchor: Distances  # n, of each from its anchor

    def of(self, rule: str, name: str) -> tuple[list[int], NDArray[np.float64]]:
        """Return the anchors of a rule, and the distances between their networks."""
        at = [place for place, one in enumerate(self.rule) if one == rule]
        return [self.network[place] for place in at], self.distances[name][np.ix_(at, at)]


def over_null_table(
    work: Work, found: Solutions, distances: Distances, counts: NDArray[np.float64]
) -> pd.DataFrame:
    """Put the spread within each rule beside every null model, a row for each kind of walk; empty without anchors."""
    nulls = _nulls(work, found)
    untrained, rows = all_distances(found.untrained), []
    for name, matrix in distances.items():
        for at, rule in enumerate(dict.fromkeys(found.profile.learning_rule)):
            own = found.rule == at
            ids = found.profile.network[own].tolist()
            same = {null: _within_anchors(nulls[null], rule, name) for null in nulls}
            values = {
                "untrained": mean_distance(untrained[name][np.ix_(own, own)]),
                "noise": _mean(same.get("noise", {})),
                "random_directions": _between(nulls, rule, name),
            }
            for kind in WALKS:
                reached = same.get(kind, {})
                anchors = np.array([ids.index(one) for one in reached], np.int64)
                walked = np.array(list(reached.values()))
                inner, drawn = matrix[np.ix_(own, own)], counts[:, ids]
                one = spread_over_null(inner, walked, anchors, drawn)._asdict()
                one["ratio_low"], one["ratio_high"] = one.pop("low"), one.pop("high")
                keys = {"distance": name, "learning_rule": rule, "walks": kind, "anchors": len(reached)}
                away = _from_anchor(nulls[kind], rule, name) if kind in nulls else float("nan")
                rows.append({**keys, **values, **one, "from_anchor": away})
    return stacked([pd.DataFrame(rows)], OVER_NULL).assign(level=found.level)


def _nulls(work: Work, found: Solutions) -> dict[str, Null]:
    """Read the networks of all null models of the compared rules, and measure the distances between those of each."""
    parts: dict[str, list[Part]] = {}
    rules = set(found.profile.learning_rule)
    for values, arrays in work.each_arrays("nulls"):
        for null in (*WALKS, *OTHERS) if values["learning_rule"] in rules else ():
            if f"{found.level:g}.{null}.network" in arrays:
                own, one = _compared(work, arrays, f"{found.level:g}.{null}")
                parts.setdefault(null, []).append((values["learning_rule"], own, one))
    return {null: _joined(several, found) for null, several in parts.items()}


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


def _joined(parts: list[Part], found: Solutions) -> Null:
    """Join the networks of all rules and batches, and measure their distances, also from their anchors."""
    rule = [name for name, ids, _ in parts for _ in ids]
    network = [number for _, ids, _ in parts for number in ids]
    keys = zip(found.profile.learning_rule, found.profile.network, strict=True)
    places = {key: at for at, key in enumerate(keys)}
    index = torch.tensor([places[key] for key in zip(rule, network, strict=True)])
    anchors = some(found.compared, index.to(found.compared.rates.device))
    every, count = all_distances(together([*(one for _, _, one in parts), anchors])), len(rule)
    between = {name: matrix[:count, :count] for name, matrix in every.items()}
    return Null(
        rule, network, between, {name: matrix[:count, count:].diagonal() for name, matrix in every.items()}
    )


def _from_anchor(null: Null, rule: str, name: str) -> float:
    """Return the mean distance of the networks of a rule from their anchors, NaN of none."""
    own = [far for far, one in zip(null.from_anchor[name], null.rule, strict=True) if one == rule]
    return float(np.mean(own)) if own else float("nan")


def _within_anchors(null: Null, rule: str, name: str) -> dict[int, float]:
    """Return the mean distance between the networks of each anchor that has several, by its id."""
    if name not in null.distances:
        return {}
    ids, matrix = null.of(rule, name)
    places = {number: [at for at, one in enumerate(ids) if one == number] for number in dict.fromkeys(ids)}
    return {number: mean_distance(matrix[np.ix_(at, at)]) for number, at in places.items() if len(at) > 1}


def _between(nulls: Mapping[str, Null], rule: str, name: str) -> float:
    """Return the mean distance between networks with random directions of ΔW."""
    if "directions" not in nulls:
        return float("nan")
    return mean_distance(nulls["directions"].of(rule, name)[1])


def _mean(values: Mapping[int, float]) -> float:
    """Return the mean, NaN of nothing."""
    return float(np.mean(list(values.values()))) if values else float("nan")
