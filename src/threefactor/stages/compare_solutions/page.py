"""The interactive map of solutions: one page of HTML that needs nothing beside it.

`map.html` is the page; where it says ``@DATA@`` it gets what this module gathers, as JSON.  Of 500 networks at three
levels it has less than 3 MB: a portrait has at most `POINTS` points of three digits, and there are at most `PORTRAITS`.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from threefactor.analysis import network_table
from threefactor.analysis.measure import Measure
from threefactor.analysis.solutions.distances import named
from threefactor.analysis.table import KEYS, LEVEL
from threefactor.experiment import build, rules
from threefactor.experiment.portraits import portraits
from threefactor.experiment.work import Work
from threefactor.plotting import palette
from threefactor.plotting.representation import Trajectories

TEMPLATE = Path(__file__).with_name("map.html")

POINTS = 100
"""Most points of a portrait, of all trial types together."""

PORTRAITS = 1500
"""Most portraits, over all levels: the first networks of every rule and level have one."""

FIXED_POINTS = 24
"""Most fixed points of a portrait, the first of them."""

LARGEST = 999
"""Largest coordinate of a portrait, which is in thousandths of the size of its trajectories."""

Json = dict[str, object]


def map_page(work: Work, embedding: pd.DataFrame) -> str:
    """Return the page.

    Parameters
    ----------
    work : Work
        With ``networks``, ``fixed_points`` and ``representations`` of stage ``analyse``.
    embedding : DataFrame
        ``embedding.csv``.
    """
    networks = work.joined("networks")
    measures = _measures(networks)
    shown = _with_portrait(embedding)
    data = {
        "rules": [_rule(name) for name in palette.ordered(embedding.learning_rule)],
        "distances": [_distance(name) for name in dict.fromkeys(embedding.distance)],
        "measures": [{"label": one.label, "unit": one.unit, "meaning": one.meaning} for one in measures],
        "trialTypes": list(build.task(work.settings).trial_types),
        "colours": palette.INPUTS,
        "level": work.settings.analyse.level,
        "levels": [
            _level(work, part, networks[networks.level == level], shown.get(part.level.iloc[0], {}), measures)
            for level, part in sorted(embedding.groupby("level"), reverse=True)
        ],
    }
    return TEMPLATE.read_text(encoding="utf-8").replace("@DATA@", as_script(data))


def as_script(data: Json) -> str:
    """Write JSON that can stand inside a script of HTML: no text of it ends the script or begins a comment."""
    text = json.dumps(_plain(data), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def thinned(one: Trajectories, points: int = POINTS) -> Json:
    """Write the first two components of a network as whole numbers: paths x, y, x, y … of each trial type.

    Every second moment is kept, or fewer where there would be more than so many points.
    """
    plane = one.projection[..., :2]
    step = max(2, math.ceil(plane.shape[0] * plane.shape[1] / points))
    kept = np.concatenate([plane[:, :-1:step], plane[:, -1:]], axis=1)
    size = max(float(np.abs(kept).max()), np.finfo(float).tiny)
    spots = np.column_stack([_whole(one.points[:, :2], size), one.stable])[:FIXED_POINTS]
    return {
        "explained": one.explained[:2],
        "paths": _whole(kept.reshape(len(kept), -1), size),
        "points": spots.astype(int),
        "stable": int(one.stable.sum()),
        "unstable": int((~one.stable).sum()),
    }


def _whole(values: NDArray[np.float64], size: float) -> NDArray[np.int64]:
    """Scale so that `size` is the largest coordinate, and round."""
    return np.round(LARGEST * values / size).astype(np.int64)


def _measures(networks: pd.DataFrame) -> list[Measure]:
    """List the measures that figures name and that some network has."""
    labelled = [one for one in network_table.measures(()) if one.label]
    return [one for one in labelled if one.name in networks and networks[one.name].notna().any()]


def _with_portrait(embedding: pd.DataFrame) -> dict[float, dict[str, list[int]]]:
    """Choose the networks that get a portrait, by level and rule: of each rule and level the first ones."""
    every = embedding.drop_duplicates([LEVEL.name, *KEYS])
    place = every.groupby([LEVEL.name, "learning_rule"]).cumcount()
    chosen = every.iloc[np.argsort(place.to_numpy(), kind="stable")[:PORTRAITS]]
    found: dict[float, dict[str, list[int]]] = {}
    for row in chosen.to_dict("records"):
        found.setdefault(row["level"], {}).setdefault(row["learning_rule"], []).append(row["network"])
    return found


def _level(
    work: Work,
    embedding: pd.DataFrame,
    networks: pd.DataFrame,
    shown: Mapping[str, Sequence[int]],
    measures: Sequence[Measure],
) -> Json:
    """Gather what the page needs of one level: networks in the order of the first map, and their places on all maps."""
    level, first = float(embedding.level.iloc[0]), embedding.distance.iloc[0]
    keys = embedding[embedding.distance == first][list(KEYS)]
    own = keys.merge(networks, on=list(KEYS), how="left")
    names = palette.ordered(embedding.learning_rule)
    faces = dict(_faces(work, level, shown))
    return {
        "level": level,
        "rule": [str(rule) for rule in own.learning_rule],
        **{name: own[name].to_list() for name in ("network", "batch", "gain", "trials", "error")},
        "rank": own.rank_participation.to_list(),
        "measures": own[[one.name for one in measures]].to_numpy(float),
        "portraits": [faces.get((row.learning_rule, row.network)) for _, row in own.iterrows()],
        "sought": own.fixed_points.notna().to_list(),
        "without": len(own) - len(faces),
        "maps": {
            str(name): {
                **{axis: part[axis].to_numpy(float) for axis in "xy"},
                "explained": part.explained.iloc[0],
            }
            for name, part in embedding.groupby("distance", sort=False)
        },
        "counts": {name: int((own.learning_rule == name).sum()) for name in names},
    }


def _faces(
    work: Work, level: float, shown: Mapping[str, Sequence[int]]
) -> Iterator[tuple[tuple[str, int], Json]]:
    """Yield the portraits of networks at one level, by rule and network."""
    trial_types = build.task(work.settings).trial_types
    for one in portraits(work, level, shown, trial_types):
        yield (one.rule, one.network), thinned(one)


def _rule(name: str) -> Json:
    """Say how a rule is shown."""
    mark, colour = palette.mark(name), palette.colour(name)
    return {
        "name": name,
        "label": palette.label(name),
        "colour": colour,
        "mark": mark,
        "access": rules.about(name).information,
    }


def _distance(name: str) -> Json:
    """Say what a distance is."""
    one = named(name)
    return {"name": name, "label": one.label, "unit": one.unit, "of": one.of, "meaning": one.meaning}


def _plain(value: object) -> object:
    """Turn what is gathered into JSON's own kinds, numbers with three digits; what is not finite becomes null."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    if isinstance(value, float):
        return _short(value)
    return value


def _short(value: float) -> float | int | None:
    """Round to three digits."""
    if not math.isfinite(value):
        return None
    short = float(f"{value:.3g}")
    return int(short) if short.is_integer() else short
