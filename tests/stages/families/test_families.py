"""Figure families, drawn from tables of the declared columns."""

import numpy as np
import pandas as pd
import pytest

from made import crossed, drawn, expect_labelled, panels
from threefactor.pipeline.settings import load
from threefactor.stages.families.tables import TABLES

SETTINGS = {
    "metalearn": {
        "rules": {"mine": {"start": "random", "starts": 2}, "dense": {"start": "random", "terms": "all"}}
    },
    "retrain": {"rules": ["theta_33"]},
}
NAMES = ["theta_33", "mine", "mine_2", "dense"]


def theta(sign):
    """Return theta.csv of two terms."""
    table = pd.DataFrame({"k": [1, 3], "l": [3, 3], "theta": [0.5 * sign, -1.0]})
    return table.assign(start=table.theta, scale=1.0, start_scaled=table.theta, theta_scaled=table.theta)


def results(**columns):
    """Return what stage families would have written, two rules being of one class."""
    rules = crossed(
        TABLES["rules"],
        learning_rule=NAMES,
        rule_class=lambda table: ["", "odd", "odd", "all"],
        cluster=lambda table: [2, 1, 1, 3],
        threshold=0.2,
        networks=8,
        failed=0,
        change=lambda table: [0.0, -0.04, -0.03, 0.01],
        change_low=lambda table: [0.0, -0.06, -0.05, -0.01],
        change_high=lambda table: [0.0, -0.02, 0.01, 0.03],
        **columns,
    )
    pairs = [(a, b) for n, a in enumerate(NAMES) for b in NAMES[n + 1 :]]
    distances = crossed(TABLES["distances"], first=[a for a, _ in pairs])[: len(pairs)]
    distances = distances.assign(first=[a for a, _ in pairs], second=[b for _, b in pairs])
    distances["same_class"] = [pair == ("mine", "mine_2") for pair in pairs]
    distances["function_distance_learning"] = np.where(distances.same_class, 0.2, 0.6)
    distances["theta_distance"] = 0.3
    rank = crossed(TABLES["rank"], learning_rule=["mine"], network=[0, 1], trial=[1, 10], terms=9)
    tables = {"families/rules.csv": rules, "families/distances.csv": distances, "families/rank.csv": rank}
    thetas = {f"metalearn/{name}/theta.csv": theta(n - 2) for n, name in enumerate(NAMES[1:], 1)}
    return tables | thetas


def figure_of(root, made):
    """Draw the figure from results."""
    return drawn(load.parse({**SETTINGS, "results": str(root)}), "families", made)


def test_rules_are_drawn_with_what_was_found(tmp_path):
    result = figure_of(tmp_path, results())
    expect_labelled(result.figure)
    assert len(panels(result.figure)) == 7
    found = result.findings
    assert found["same_class"]["function_distance"] == pytest.approx(0.2)
    assert found["clusters"]["groups"] == [["mine", "mine_2"], ["dense"]]
    assert found["between_classes"] == pytest.approx(0.6)
    assert found["best"]["learning_rule"] == "mine"
    assert found["best"]["better_than_reference"] == 1
    for words in (
        "0.2 as functions",
        "``mine``, ``mine_2``; ``dense``",
        "-0.040 [-0.060, -0.020]",
        "1 of 3 rules",
    ):
        assert words in result.words


def test_rules_of_one_cluster_stand_side_by_side(tmp_path):
    result = figure_of(tmp_path, results())
    result.figure.draw_without_rendering()
    first = [label.get_text() for label in result.figure.axes[0].get_yticklabels()]
    assert first.index("θ₃₃") == 2, "between the two rules of the first cluster and the one of the last"


def test_without_a_threshold_and_ranks_the_caption_is_short(tmp_path):
    made = results()
    made["families/rules.csv"]["threshold"] = np.nan
    made["families/distances.csv"]["same_class"] = False
    made["families/rank.csv"] = made["families/rank.csv"].iloc[:0]
    result = figure_of(tmp_path, made)
    assert result.findings["clusters"] is result.findings["same_class"] is result.findings["rank"] is None
    assert "effective rank" not in result.words
    assert "No two rules are of one class" in result.words
