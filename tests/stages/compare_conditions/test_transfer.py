"""Figure transfer, drawn from the comparison of made-up networks."""

import pytest
import torch

from analysis.transfer.trained import HORIZON, RATIOS, SCALES, networks, row, samples
from made import drawn, expect_labelled, panels, texts
from threefactor.analysis.transfer.condition_tables import pairs_table, rules_table, waiting_table
from threefactor.analysis.transfer.published import Published, published_table
from threefactor.pipeline.settings import load

SETTINGS = {
    "metalearn": {
        "rules": {"mine": {"start": "random"}, "evolved": {"start": "random", "estimator": "evolution"}}
    },
    "transfer": {"conditions": {"tuned": {}, "old": {"plasticity.learning_rate": 0.01}}},
    "compare_conditions": {"tuned": "tuned", "untuned": "old"},
    "retrain": {"rules": ["theta_33"]},
}
RULES = {**RATIOS, "evolved": 0.9, "rflo": 0.3}


def results(ratios, medians):
    """Return what stage compare_conditions would have written."""
    table, (_, counts) = networks(ratios), samples()
    rules = rules_table(table, counts, "tuned", "old")
    papers = {name: Published(median, (60.0, 80.0), 5) for name, median in medians.items()}
    source = torch.Generator().manual_seed(1)
    published = published_table(table, rules, papers, 20, generator=source)
    made = {"rules": rules, "pairs": pairs_table(table, counts), "waiting": waiting_table(table)}
    return {
        f"compare_conditions/{name}.csv": part for name, part in (made | {"published": published}).items()
    }


def figure_of(root, made):
    """Draw the figure from results."""
    return drawn(load.parse({**SETTINGS, "results": str(root)}), "transfer", made)


def test_rules_that_have_access_to_the_reward_alone_are_summed_up(tmp_path):
    made = results(RULES, {"old": 70.0})
    result = figure_of(tmp_path, made)
    expect_labelled(result.figure)
    assert len(panels(result.figure)) == 2 + len(SCALES)
    rules, found = made["compare_conditions/rules.csv"], result.findings
    assert set(found["speed"]) == {"mine", "evolved"}, "neither theta_33 nor rules with access to more"
    best = row(rules, "tuned", "mine")
    assert found["gap_closed"]["tuned"]["gap_closed"][0] == pytest.approx(best.gap_closed)
    assert f"tuned {100 * best.gap_closed:.0f} %" in result.words
    assert f"{best.ratio_to_untuned:.2f} [{best.untuned_low:.2f}, {best.untuned_high:.2f}]" in result.words
    assert "70 (60 to 80; 5 networks)" in result.words
    assert f"{rules.trials.sum():.0f} trials" in result.words
    assert {one["evolved"] for one in found["evolution"]} == {"evolved"}
    assert all(list(one["ratios"]) == ["mine"] for one in found["evolution"])


def test_without_a_ceiling_there_is_no_gap(tmp_path):
    result = figure_of(tmp_path, results({"theta_33": 1.0, "mine": 0.5}, {}))
    expect_labelled(result.figure)
    assert len(panels(result.figure)) == 1 + len(SCALES)
    assert result.findings["gap_closed"] == {}
    assert result.findings["published"] == result.findings["evolution"] == []
    assert "gap" not in result.words


def test_one_rule_is_compared_with_nothing(tmp_path):
    result = figure_of(tmp_path, results({"theta_33": 1.0}, {}))
    expect_labelled(result.figure)
    assert len(panels(result.figure)) == len(SCALES)
    assert result.findings["speed"] == {}
    assert result.findings["constants"]["best"] is None


def test_a_condition_in_which_no_network_arrives_is_drawn_and_stated_without_intervals(tmp_path):
    table, (_, counts) = networks(RATIOS), samples()
    lost = table.condition == "old"
    trials = table.trials_to_criterion.where(~lost, HORIZON)
    table = table.assign(reached=table.reached & ~lost, trials_to_criterion=trials)
    rules = rules_table(table, counts, "tuned", "old")
    papers = {"old": Published(70.0, (60.0, 80.0), 5)}
    published = published_table(table, rules, papers, 20, generator=torch.Generator().manual_seed(1))
    made = {"rules": rules, "pairs": pairs_table(table, counts), "waiting": waiting_table(table)}
    made |= {"published": published}
    result = figure_of(tmp_path, {f"compare_conditions/{name}.csv": part for name, part in made.items()})
    expect_labelled(result.figure)
    written = texts(result.figure)
    assert written.count("–") == 2 * len(RATIOS), "ratios and gaps closed of one condition"
    assert result.findings["published"][0]["median_of_runs"] == [None, None]
    assert "medians lie" not in result.words
    assert "beyond the horizon" in result.words
    for words in (*written, result.words):
        assert "nan" not in words
        assert "None" not in words


def test_rules_are_compared_with_theta_33_that_was_tuned_for_the_condition(tmp_path):
    made = results({**RULES, "tuned_theta_33": 0.8, "tuned_evolved": 0.1}, {})
    result = figure_of(tmp_path, made)
    expect_labelled(result.figure)
    assert len(panels(result.figure)) == 3 + len(SCALES)
    found = result.findings["against_tuned"]
    assert set(found["rules"]) == set(result.findings["speed"]) == {"mine", "evolved"}, "none that was tuned"
    assert found["conditions"] == len(SCALES)
    own = found["rules"]["mine"]
    assert f"0.8 of its trials in {own['within']} of {own['conditions']}" in result.words
    assert "None" not in result.words
    plain = figure_of(tmp_path / "plain", results(RULES, {}))
    assert plain.findings["against_tuned"] is None
    assert "were tuned for the condition" not in plain.words
