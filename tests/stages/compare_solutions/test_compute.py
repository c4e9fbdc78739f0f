"""The stage on small made-up results: every output, its columns, and what is compared with what."""

import fnmatch
import json
import re

import numpy as np
import pandas as pd
import pytest

from stages.analyse.retrained import analyse, make_nulls, read, run, settings
from threefactor.analysis import network_table as measures
from threefactor.analysis.solutions.distances import DISTANCES
from threefactor.pipeline import registry
from threefactor.pipeline.settings import load
from threefactor.stages.compare_solutions.solutions import BEYOND
from threefactor.stages.compare_solutions.tables import ARRAYS, TABLES

FACTORS = ("first", "second", "choice")
MIXED = {
    "theta_33": [True] * 4,
    "theta_11": [False, False, True, False],
    "eprop": [False, False, True, True],
    "reinforce": [True, True, False, False],
    "bptt": [False, True, True, True],
}
"""Networks that crossed the levels, of rules that fill all cells of locality and feedback."""

COMPARED = ["theta_33", "eprop", "reinforce", "bptt"]
LEVELS = [0.5, 0.3]
COSTLY = [distance.name for distance in DISTANCES if distance.costly]
CHEAP = [distance.name for distance in DISTANCES if not distance.costly]


def compare(folder, rules, **changed):
    """Run both stages; return what the first knows of networks, and the outputs of the second."""
    networks = analyse(folder, rules, **changed)["networks"]
    make_nulls(load.parse(settings(folder, rules, **changed)))
    found = run(load.parse(settings(folder, rules, **changed)), "compare_solutions", {})
    return networks, {name: read(path) for name, path in found.items()}


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    return compare(tmp_path_factory.mktemp("mixed"), MIXED, levels=[0.3])


@pytest.fixture(scope="module")
def found(both):
    return both[1]


def test_every_output_is_declared_and_has_its_columns_and_arrays(found):
    assert {*TABLES, *ARRAYS, "map"} == set(registry.stages()["compare_solutions"].outputs) == set(found)
    for name, table in TABLES.items():
        assert list(found[name].columns) == table.names()
        assert list(dict.fromkeys(found[name].level)) == LEVELS
    for one in ARRAYS["distances"]:
        if one.name.endswith("weights_aligned"):
            continue  # costly: for a part of the networks
        pattern = one.name.replace("<level>", "0.5").replace("<distance>", "*")
        (key, *_) = fnmatch.filter(found["distances"], pattern)
        axes = one.axes.split(", ") if "," in one.axes else one.axes.split()
        assert found["distances"][key].dim() == len(axes), one.name


def on_page(text):
    """Return the data of the page."""
    return json.loads(re.search(r'id="data">(.*?)</script>', text, re.DOTALL)[1])


def test_the_page_shows_the_networks_that_are_compared(found):
    levels = on_page(found["map"])["levels"]
    assert [one["level"] for one in levels] == LEVELS
    for one in levels:
        assert one["network"] == found["distances"][f"{one['level']}.network"].tolist()
        assert all(one["portraits"])
        assert list(one["maps"]) == CHEAP


def test_a_rule_with_one_network_at_the_level_is_not_compared(found):
    for level in LEVELS:
        assert found["distances"][f"{level}.network"].tolist() == [0, 1, 2, 3, 2, 3, 0, 1, 1, 2, 3]
        assert found["distances"][f"{level}.rule"].tolist() == [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 3]
    assert set(found["spread"].learning_rule) == set(COMPARED)


def test_each_level_has_distances_of_its_own(found):
    first, second = (found["distances"][f"{level}.cka"] for level in LEVELS)
    assert (first - second).abs().max() > 1e-3
    assert (first - first.T).abs().max() < 1e-12  # in another order of the sum


def test_what_is_compared_stands_in_spread(both):
    networks, found = both
    spread = found["spread"]
    known = [name for name in measures.compared(FACTORS) if networks[name].notna().any()]
    assert len(known) > 5
    assert list(dict.fromkeys(spread.quantity)) == [*CHEAP, *known, BEYOND, *COSTLY]
    analysed = networks[networks.analysed & (networks.learning_rule != "theta_11")]
    for quantity in known:
        means = analysed.groupby(["level", "learning_rule"])[quantity].mean()
        own = spread[spread.quantity == quantity].set_index(["level", "learning_rule"]).estimate
        assert own.to_dict() == pytest.approx(means.to_dict())


def test_the_same_seed_gives_the_same_results(found, tmp_path):
    _, again = compare(tmp_path, MIXED, levels=[0.3])
    for name in TABLES:
        pd.testing.assert_frame_equal(found[name], again[name], check_exact=True)
    assert found["map"] == again["map"]
    for key, array in found["distances"].items():
        assert np.array_equal(array, again["distances"][key], equal_nan=True)


def test_nobody_at_the_level_leaves_empty_tables(tmp_path):
    _, none = compare(tmp_path, {"theta_33": [False] * 4})
    assert not any(len(none[name]) for name in (*TABLES, *ARRAYS))
    assert on_page(none["map"])["levels"] == []


def test_the_spread_of_a_rule_stands_beside_walks_noise_and_no_learning(found):
    table = found["over_null"].set_index(["level", "distance", "learning_rule", "walks"]).sort_index()
    spread = found["spread"].set_index(["level", "quantity", "learning_rule"]).estimate
    for key, row in table.iterrows():
        assert row.within == pytest.approx(spread[key[:3]])
        assert row.anchors == (2 if key[2] in ("theta_33", "bptt") else 1), (
            "one a batch with networks at the level"
        )
        assert row.ratio == pytest.approx(row.within / row.reachable)
        assert row.from_anchor > 0
        assert row.reachable_halfway > 0
    dynamic = table.drop(index="weights", level="distance")
    assert (dynamic.noise > 0).all()
    assert (table.xs("weights", level="distance").noise == 0).all(), "the same weights twice"
    assert (table.untrained > 0).all()


def test_what_explains_distances_is_tested_and_corrected(found):
    table = found["explained"]
    assert set(table.factor) == {"learning_rule", "initialisation", "covariates", "residual"}
    tested = table[table.p.notna()]
    assert (tested.p_holm >= tested.p).all()
    assert (tested.p_fdr <= tested.p_holm + 1e-12).all()
    plain = table[(table.covariates == "none") & (table.distance == "cka")]
    assert (plain.effect > 0).all()


def test_each_measure_has_main_effects_and_an_interaction(found):
    table = found["two_by_two"]
    for (_, _), part in table.groupby(["level", "quantity"]):
        assert part.effect.tolist() == ["locality", "feedback", "interaction"]
        assert set(part.rules) == {len(COMPARED)}


def test_rules_are_told_from_measures_units_and_learning(found):
    table = found["predictions"]
    assert list(dict.fromkeys(table.features)) == ["measures", "units", "trajectory"]
    assert (table.chance == 1 / len(COMPARED)).all()
    assert set(table.left_out) == {"initialisation"}, "all networks have one gain"
