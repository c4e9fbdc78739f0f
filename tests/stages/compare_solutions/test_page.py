"""The interactive map on made-up results: what it holds, and that no text gets out of its place."""

import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
import torch

from made import crossed
from stages.analyse.made_networks import ANALYSED, LEVEL, NETWORKS, TASK, fixed_points, networks_table
from threefactor.analysis.solutions.comparison_columns import EMBEDDING
from threefactor.experiment.work import Work
from threefactor.pipeline.settings import load
from threefactor.plotting.representation import Trajectories
from threefactor.stages.compare_solutions import page

DISTANCES = ["cka", "dsa", "weights"]
MOMENTS = 50


class Made(Work):
    """A job that reads made-up results of stage ``analyse``."""

    settings = load.parse({})

    def __init__(self, networks, points):
        self._tables = {"networks": networks, "fixed_points": points}

    def joined(self, name):
        return self._tables[name]

    def each_arrays(self, name):
        assert name == "representations"
        for rule in ANALYSED:
            yield {"learning_rule": rule, "batch": "0"}, arrays(rule)


def arrays(rule):
    """Return the arrays of one rule at two levels."""
    source = torch.Generator().manual_seed(ANALYSED.index(rule))
    found = {}
    for level in (0.7, LEVEL):
        steps = torch.randn(NETWORKS, len(TASK.trial_types), MOMENTS, 3, generator=source)
        found[f"{level}.network"] = torch.arange(NETWORKS)
        found[f"{level}.projection"] = steps.cumsum(2)
        found[f"{level}.explained"] = torch.tensor([[0.5, 0.25, 0.125]]).repeat(NETWORKS, 1)
    return found


def embedding():
    return crossed(
        EMBEDDING,
        level=[0.7, LEVEL],
        distance=DISTANCES,
        learning_rule=ANALYSED,
        network=list(range(NETWORKS)),
        explained=0.5,
    )


class Reader(HTMLParser):
    """Reads a page as a browser does: what its scripts hold, and every address that it would load."""

    def __init__(self):
        super().__init__()
        self.inside, self.scripts, self.loads, self.charset = None, {}, [], None

    def handle_starttag(self, tag, attributes):
        own = dict(attributes)
        self.charset = own.get("charset", self.charset)
        self.loads += [own[name] for name in ("src", "href", "srcset", "data") if name in own]
        self.inside = own.get("id", "code") if tag == "script" else self.inside

    def handle_endtag(self, tag):
        self.inside = None if tag == "script" else self.inside

    def handle_data(self, text):
        if self.inside:
            self.scripts[self.inside] = self.scripts.get(self.inside, "") + text


def read(text):
    """Return the reader of a page, and its data."""
    reader = Reader()
    reader.feed(text)
    return reader, json.loads(reader.scripts["data"])


@pytest.fixture(scope="module")
def whole():
    return page.map_page(Made(networks_table(), fixed_points()), embedding())


def test_the_page_loads_nothing_from_elsewhere(whole):
    reader, _ = read(whole)
    assert reader.charset == "utf-8"
    assert all(one.startswith("data:") for one in reader.loads)
    assert not re.search(r"@import|url\(|fetch\(|XMLHttpRequest|import\(", whole)
    assert set(reader.scripts) == {"data", "code"}


def test_every_network_is_there_with_its_places_and_measures(whole):
    _, data = read(whole)
    table = networks_table()
    assert [one["level"] for one in data["levels"]] == [0.7, LEVEL]
    assert data["level"] == LEVEL
    assert {rule["name"] for rule in data["rules"]} == set(ANALYSED)
    assert [one["name"] for one in data["distances"]] == DISTANCES
    for level in data["levels"]:
        placed = embedding()[lambda one, at=level["level"]: one.level == at]
        for name in DISTANCES:
            own = placed[placed.distance == name]
            assert level["maps"][name]["x"] == pytest.approx(own.x.to_numpy(), rel=5e-3)
            assert level["rule"] == own.learning_rule.tolist()
            assert level["network"] == own.network.tolist()
        rows = table[table.level == level["level"]].set_index(["learning_rule", "network"])
        rows = rows.loc[list(zip(level["rule"], level["network"], strict=True))]
        assert level["error"] == pytest.approx(rows.error.to_numpy(), rel=5e-3)
        assert level["rank"] == pytest.approx(rows.rank_participation.to_numpy(), rel=5e-3)
        assert level["sought"] == rows.fixed_points.notna().tolist()
        at = [one["label"] for one in data["measures"]].index("Stable fixed points")
        shown = np.array([one[at] for one in level["measures"]], float)
        assert np.isnan(shown).tolist() == rows.stable_fixed_points.isna().tolist()


def test_portraits_are_the_trajectories_and_fixed_points_of_the_network(whole):
    _, data = read(whole)
    level = data["levels"][1]
    at = level["rule"].index(ANALYSED[1]) + 2
    assert level["network"][at] == 2
    face, path = level["portraits"][at], arrays(ANALYSED[1])[f"{LEVEL}.projection"][2, ..., :2].numpy()
    kept = np.concatenate([path[:, :-1:2], path[:, -1:]], axis=1)
    size = float(np.abs(kept).max())
    drawn = np.array(face["paths"]).reshape(kept.shape) / page.LARGEST * size
    assert np.abs(drawn - kept).max() < 0.51 * size / page.LARGEST
    points = fixed_points().query("network == 2 and condition == 'none' and learning_rule == @ANALYSED[1]")
    assert np.array(face["points"])[:, 2].tolist() == points.stable.astype(int).tolist()
    assert np.array(face["points"])[:, 0] / page.LARGEST * size == pytest.approx(
        points.pc1, abs=size / page.LARGEST
    )
    assert face["stable"] == points.stable.sum()
    assert data["levels"][0]["portraits"][at]["points"] == [], "its points are of the other level"


def test_a_long_task_of_many_trial_types_is_thinned():
    projection = np.random.default_rng(0).normal(size=(8, 200, 3))
    one = Trajectories("bptt", 0, projection, np.ones(3), (), np.zeros((60, 3)), np.ones(60, bool))
    face = page.thinned(one)
    points = sum(len(path) // 2 for path in face["paths"])
    assert points <= page.POINTS + 2 * len(projection), "the end of a trial is always kept"
    assert len(face["points"]) == page.FIXED_POINTS
    assert face["stable"] == 60


def test_of_too_many_networks_the_first_of_every_rule_and_level_have_portraits(monkeypatch):
    monkeypatch.setattr(page, "PORTRAITS", 12)
    _, data = read(page.map_page(Made(networks_table(), fixed_points()), embedding()))
    for level in data["levels"]:
        assert level["without"] == len(ANALYSED) * (NETWORKS - 2)
        drawn = {
            (rule, network)
            for rule, network, face in zip(level["rule"], level["network"], level["portraits"], strict=True)
            if face
        }
        assert drawn == {(rule, network) for rule in ANALYSED for network in (0, 1)}


ODD = "</script><b onmouseover='x'>\"&amp;<!--\u2028"


def test_no_name_gets_out_of_the_data(whole):
    text = page.as_script({"name": ODD, ODD: [1]})
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == {"name": ODD, ODD: [1]}
    table, places = networks_table(), embedding()
    table = table.assign(learning_rule=table.learning_rule.replace("learned_random", ODD))
    places = places.assign(learning_rule=places.learning_rule.replace("learned_random", ODD))
    reader, data = read(page.map_page(Made(table, fixed_points()), places))
    assert ODD in {rule["name"] for rule in data["rules"]}
    assert reader.scripts["code"] == read(whole)[0].scripts["code"]


def test_the_page_puts_text_in_its_place_as_text_alone(whole):
    code = read(whole)[0].scripts["code"]
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", code)


def test_nobody_to_compare_makes_an_empty_page(whole):
    _, data = read(
        page.map_page(Made(networks_table().iloc[:0], fixed_points().iloc[:0]), embedding().iloc[:0])
    )
    assert data["levels"] == data["rules"] == data["distances"] == data["measures"] == []


def test_numbers_have_three_digits_and_what_is_not_finite_is_null():
    text = page.as_script({"x": np.array([1.23456, 1234.5, np.nan, -0.000123456]), "n": 123456})
    assert json.loads(text) == {"x": [1.23, 1230, None, -0.000123], "n": 123456}


def test_500_networks_at_three_levels_stay_below_three_megabytes():
    face = page.thinned(
        Trajectories(
            "bptt",
            0,
            np.random.default_rng(0).normal(size=(4, MOMENTS, 3)),
            np.ones(3),
            (),
            np.ones((8, 3)),
            np.ones(8, bool),
        )
    )
    one = len(page.as_script(face).encode())
    rest = 9 * 2 * 7 + 30 * 6 + 60  # places on nine maps, thirty measures, and the rest
    assert page.PORTRAITS * (one + rest) < 3e6
