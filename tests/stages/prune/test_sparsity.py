"""Figure sparsity, drawn from the tables of pruned rules."""

import numpy as np
import pandas as pd
import pytest

from made import crossed, drawn, expect_labelled, panels, texts
from threefactor.analysis.families.scores import SCORES
from threefactor.analysis.table import Table
from threefactor.pipeline import captions
from threefactor.pipeline.settings import load
from threefactor.stages.prune.figures.sparsity import page

TERMS = ["11", "13", "33"]
SETTINGS = {
    "metalearn": {"rules": {"mine": {"start": "random"}, "other": {"start": "random"}}},
    "prune": {"learned_rules": 2},
    "retrain": {"rules": ["theta_33"]},
}


def scored(changes):
    """Return scores whose intervals reach 0.02 to both sides."""
    table = crossed(Table("a rule", SCORES), networks=[8] * len(changes), failed=0)
    table["change"] = changes
    return table.assign(change_low=table.change - 0.02, change_high=table.change + 0.02)


def pruned(changes):
    """Return path.csv and contributions.csv of a rule of three terms."""
    path = pd.DataFrame({"weight": [0.0, 0.01, 0.1], "terms": [3, 2, 1], "trials": [0, 100, 200]})
    path = pd.concat([path, scored(changes)], axis=1)
    for at, term in enumerate(TERMS):
        path[f"theta_scaled_{term}"] = np.where(at < path.terms, 0.5 - at, 0.0)
    without = pd.DataFrame({"without": ["nothing", *TERMS], "theta_scaled": [np.nan, 0.5, -0.5, -1.5]})
    return path, pd.concat([without, scored([0.0, 0.01, 0.03, 0.05])], axis=1)


def results(changes):
    """Return what stage prune would have written."""
    tables = {}
    for rule, own in changes.items():
        path, contributions = pruned(own)
        tables |= {f"prune/{rule}/path.csv": path, f"prune/{rule}/contributions.csv": contributions}
    return tables


def figure_of(root, made):
    """Draw the figure from results."""
    return drawn(load.parse({**SETTINGS, "results": str(root)}), "sparsity", made)


def test_every_rule_has_a_row(tmp_path):
    made = results({"mine": [0.0, 0.01, 0.3], "other": [0.0, 0.1, 0.3]})
    result = figure_of(tmp_path, made)
    expect_labelled(result.figure)
    assert len(panels(result.figure)) == 6
    mine, other = result.findings["rules"]["mine"], result.findings["rules"]["other"]
    assert mine["costliest"]["term"] == "33"
    assert mine["costliest"]["change"] == pytest.approx([0.05, 0.03, 0.07])
    assert (mine["needed"], mine["terms"]) == (2, 3)
    assert (mine["sparsest"]["terms"], mine["sparsest"]["of"]) == (2, 3)
    assert other["sparsest"] is None
    for words in ("leaving out θ33", "+0.050 [+0.030, +0.070]", "2 of 3 terms", "+0.010 [-0.010, +0.030]"):
        assert words in result.words
    assert "Every step" in result.words.split("``other``")[1]


def test_without_a_path_the_panel_says_so(tmp_path):
    made = results({"mine": [0.0, 0.01, 0.3], "other": [0.0, 0.1, 0.3]})
    made["prune/mine/path.csv"] = made["prune/mine/path.csv"].iloc[:1]
    result = figure_of(tmp_path, made)
    assert len(texts(result.figure)) > 2
    assert result.findings["rules"]["mine"]["steps"] == 0
    assert "path" not in result.words.split("``other``")[0]


def test_without_a_pruned_rule_the_figure_says_so():
    assert texts(page({}, {}, 100))
    assert captions.finding("sparsity", {"rules": {}})
