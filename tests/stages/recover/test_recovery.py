"""Figure recovery, drawn from tables of the declared columns."""

import pandas as pd
import pytest

from made import crossed, drawn, expect_labelled, panels, texts
from threefactor.pipeline.settings import load
from threefactor.stages.recover.tables import TABLES

RULES = ["theta_33", "random_5"]
DATA = {
    "no noise": ("nothing", 0.0, 1, 1e-15),
    "changes ± 0.1 rms": ("changes", 0.1, 1, 0.3),
    "rates ± 0.01": ("rates", 0.01, 1, 0.2),
    "rates ± 0.01, twice": ("rates", 0.01, 2, 0.1),
}
COLUMNS = ("noise_in", "noise", "measurements", "relative_error")


def terms():
    """Return terms.csv of nine terms a rule."""
    known = {
        name: lambda table, at=at: [DATA[data][at] for data in table.data] for at, name in enumerate(COLUMNS)
    }
    table = crossed(
        TABLES["terms"],
        learning_rule=RULES,
        data=list(DATA),
        k=[1, 3, 5],
        l=[1, 3, 5],
        unit=0.5,
        trials=60,
        found=lambda table: table.k == 3,
        **known,
    )
    return table.assign(low=table.recovered - 0.1, high=table.recovered + 0.1)


def coverage():
    """Return coverage.csv; a rule of all terms has no false alarms."""
    table = crossed(TABLES["coverage"], learning_rule=RULES, noise=[0.1, 1.0], repeats=20)
    table = table.assign(coverage=[0.94, 0.95, 0.96, 0.97], error=[0.1, 1.0, 0.2, 2.0], found=0.8)
    for name in ("coverage", "error"):
        table[f"{name}_low"], table[f"{name}_high"] = 0.98 * table[name], 1.02 * table[name]
    return table.assign(false_alarms=[0.0, 0.05, None, None])


def figure_of(root, made):
    """Draw the figure from results."""
    return drawn(load.parse({"results": str(root)}), "recovery", made)


def test_every_rule_has_a_panel_and_all_share_three(tmp_path):
    result = figure_of(tmp_path, {"recover/terms.csv": terms(), "recover/coverage.csv": coverage()})
    expect_labelled(result.figure)
    assert len(panels(result.figure)) == len(RULES) + 3
    assert result.findings["exact"] == {"error": dict.fromkeys(RULES, 1e-15), "terms": 9, "trials": 60}
    assert [one["noise"] for one in result.findings["changes"]] == [0.1, 1.0]
    assert result.findings["changes"][0]["coverage"] == pytest.approx([0.94, 0.96])
    assert result.findings["rates"][0]["twice"] == dict.fromkeys(RULES, 0.1)
    for words in (
        "``theta_33`` 1e-15",
        "94 to 96 % contain",
        "80 % of the terms",
        "in 5 % of draws",
        "``random_5`` 0.1.",
    ):
        assert words in result.words


def test_without_noise_in_changes_there_are_only_terms(tmp_path):
    lost = pd.DataFrame({"learning_rule": ["learned_random"]})
    made = pd.concat([terms(), lost], ignore_index=True)
    tables = {"recover/terms.csv": made, "recover/coverage.csv": coverage().iloc[:0]}
    result = figure_of(tmp_path, tables)
    expect_labelled(result.figure)
    assert len(panels(result.figure)) == len(RULES)
    assert result.findings["collinear"] == ["learned_random"]
    assert "``learned_random``" in result.words
    assert result.findings["changes"] == []


def test_without_a_recovered_rule_the_figure_says_so(tmp_path):
    tables = {"recover/terms.csv": terms().iloc[:0], "recover/coverage.csv": coverage().iloc[:0]}
    result = figure_of(tmp_path, tables)
    assert texts(result.figure)
    assert result.findings["exact"] is None
    assert result.words
