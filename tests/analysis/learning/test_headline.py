"""The headline numbers: every key is explained, every number is one of the tables."""

import json
import re

import pytest

from analysis.learning.headline_tables import (
    RULES,
    accuracy,
    aligned,
    criterion,
    endings,
    history,
    levels,
    permanova,
    spread,
    theta,
)
from threefactor.analysis.learning.headline import headline, keys
from threefactor.analysis.solutions.distances import NAMES


def gathered(thetas=None, histories=None, spreads=None, tests=None):
    return headline(
        criterion(),
        levels(),
        endings(),
        {"learned_random": theta()} if thetas is None else thetas,
        {"learned_random": history()} if histories is None else histories,
        accuracy(),
        aligned(),
        spread() if spreads is None else spreads,
        permanova() if tests is None else tests,
    )


def flat(tree, above=""):
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}"


def test_every_key_is_explained_and_every_explained_key_is_there():
    named = {one.name: re.escape(one.name).replace("<level>", r"[\d.]+") for one in keys()}
    patterns = {name: re.sub(r"<\w+>", "[^.]+", pattern) for name, pattern in named.items()}
    assert all(one.meaning for one in keys())
    found = list(flat(gathered()))
    for key in found:
        assert any(re.fullmatch(pattern, key) for pattern in patterns.values()), key
    for name, pattern in patterns.items():
        assert any(re.fullmatch(pattern, key) for key in found), name


def test_numbers_are_those_of_the_tables():
    found = gathered()
    json.dumps(found, allow_nan=False)
    assert found["networks"] == len(RULES) * 12
    assert found["horizon_trials"] == 600
    assert found["learning"]["theta_11"]["median_trials"] is None
    assert isinstance(found["learning"]["theta_33"]["networks"], int)
    one = criterion().set_index("learning_rule").loc["bptt"]
    assert found["learning"]["bptt"]["restricted_mean_trials"] == one.restricted_mean
    assert set(found["levels"]) == {"0.7", "0.25"}
    at = levels().set_index(["level", "learning_rule"]).loc[(0.7, "bptt")]
    own = found["levels"]["0.7"]["bptt"]
    assert own["restricted_mean_trials"] == at.restricted_mean
    assert (own["reached_fraction"], own["lost_fraction"]) == (at.reached_fraction, at.lost_fraction)
    assert (own["networks"], own["error"]) == (12, 0.65)
    assert found["levels"]["0.25"]["bptt"]["error"] is None
    end = endings().set_index("learning_rule").loc["theta_11"]
    assert found["endings"]["theta_11"]["error"] == end.error
    assert found["endings"]["theta_11"]["best_error"] == end.best_error
    assert (found["endings"]["theta_11"]["trials"], found["endings"]["theta_11"]["diverged"]) == (500, 2)
    assert found["tangents"]["float64"]["difference"]["reward_tangent"] == pytest.approx(2e-8)
    assert found["tangents"]["float64"]["autograd"]["reward_tangent"] == pytest.approx(3e-15)
    learned = found["meta_learning"]["learned_random"]
    assert learned["theta"] == {"13": 2.0, "33": -1.0}
    assert (learned["steps"], learned["trials"], learned["objective_last"]) == (2, 480, -0.5)
    assert learned["largest_z_score"] == 4.0, "a gradient without a standard error has no score"
    assert found["alignment"]["bptt"]["cosine"] == pytest.approx(0.25)
    assert found["spread"]["cka"]["bptt"]["ratio_to_bptt"] is None
    test = permanova().query("distance == 'cka' and test == 'permanova' and factor == 'learning_rule'")
    effect = found["solution_classes"]["cka"]["permanova"]["learning_rule"]["effect"]
    assert effect == test.effect.item()


def test_without_an_analysed_or_learned_rule_these_parts_are_empty():
    found = gathered({}, {}, spread().iloc[:0], permanova().iloc[:0])
    assert found["spread"] == {name: {} for name in NAMES}
    assert found["meta_learning"] == {}
