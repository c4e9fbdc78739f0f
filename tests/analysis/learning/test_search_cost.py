"""Searches by derivatives are compared with those of evolution, on scores that are made up."""

import numpy as np
import pandas as pd
import pytest

from threefactor.analysis.learning.search_cost import SEARCHES, Search, findings, rivals, savings, searches

STEPS = [0, 5, 10]


def held_out(scores, trials):
    """Return what matters of held_out.csv."""
    table = pd.DataFrame({"step": STEPS, "trials": trials, "smoothed_error_rate": scores})
    return table.assign(smoothed_error_rate_standard_error=0.02, kept=[False, False, True])


def scored():
    """Return searches.csv: two rules by derivatives, one of them slow, and two evolved ones, one of another class."""
    known = {
        "learned_random": Search("odd", "reverse", "learned_random"),
        "slow": Search("odd", "pathwise", "slow"),
        "evolved": Search("odd", "evolution", "evolved"),
        "other": Search("all", "evolution", "other"),
    }
    tables = {
        "learned_random": held_out([0.5, 0.4, 0.2], [0, 20_000, 40_000]),
        "slow": held_out([0.5, 0.49, 0.48], [0, 20_000, 40_000]),
        "evolved": held_out([0.5, 0.4, 0.3], [0, 1_000_000, 2_000_000]),
        "other": held_out([0.5, 0.45, 0.4], [0, 20_000, 40_000]),
        "elsewhere": held_out([0.5, 0.1, 0.1], [0, 1, 2]),
    }
    return searches(tables, known)


def test_rules_of_other_tasks_are_left_out():
    found = scored()
    assert list(found.columns) == SEARCHES.names()
    assert set(found.learning_rule) == {"learned_random", "slow", "evolved", "other"}
    assert searches({}, {}).empty


def test_savings_compare_rules_of_one_class_at_evolutions_own_scores():
    found = savings(scored()).set_index(["learning_rule", "progress"])
    assert set(found.evolution) == {"evolved"}  # no rule by derivatives is of the class of the other one
    half, whole = found.loc[("learned_random", 0.5)], found.loc[("learned_random", 1.0)]
    # evolution: 0.5, 0.4, 0.3 after 0, 1 and 2 million trials; derivatives: 0.5, 0.4, 0.2 after 0, 20,000 and 40,000
    assert (half.smoothed_error_rate, half.evolution_trials, half.trials) == pytest.approx((0.4, 1e6, 20_000))
    assert (whole.smoothed_error_rate, whole.evolution_trials, whole.trials) == pytest.approx(
        (0.3, 2e6, 30_000)
    )
    assert (half.saving, whole.saving) == pytest.approx((50, 2e6 / 3e4))
    assert found.loc[("learned_random", 0.95)].evolution_trials == pytest.approx(1.9e6)
    assert np.isnan(found.loc[("slow", 0.5)].saving)


def test_findings_count_who_got_there():
    *_, whole = findings(savings(scored()))
    assert (whole["progress"], whole["evolution_trials"]) == (1.0, {"evolved": 2e6})
    assert (whole["comparisons"], whole["arrived"], whole["from_start"]) == (2, 1, 0)
    assert whole["trials"] == pytest.approx([30_000] * 3)
    assert whole["saving"] == pytest.approx([200 / 3] * 3)
    assert findings(savings(scored()[:0])) == []
    scores = scored()
    scores.loc[scores.learning_rule == "slow", "smoothed_error_rate"] = 0.35
    half, *_ = findings(savings(scores))
    assert (half["comparisons"], half["arrived"], half["from_start"]) == (2, 2, 1)
    assert half["trials"] == pytest.approx([20_000] * 3), "of the other one"


def test_evolution_gets_to_its_own_best_score_whatever_rounding_says():
    scores = scored()
    scores.loc[scores.learning_rule == "evolved", "smoothed_error_rate"] = [0.8, 0.3, 0.2]
    found = savings(scores).set_index(["learning_rule", "progress"])
    assert found.loc[("learned_random", 1.0)].evolution_trials == pytest.approx(2e6)


def test_evolution_that_never_gets_better_is_compared_with_nothing():
    scores = scored()
    scores.loc[scores.learning_rule == "evolved", "smoothed_error_rate"] = [0.5, 0.6, 0.7]
    assert savings(scores).empty


def test_every_rule_stands_beside_its_rival_or_among_those_without_one():
    scores = scored()
    found = rivals(scores)
    assert {name: set(part.learning_rule) for name, part in found.items()} == {
        "evolved": {"learned_random", "slow", "evolved"},
        "other": {"other"},
    }
    rest = rivals(scores[scores.learning_rule != "evolved"])
    assert set(rest[""].learning_rule) == {"learned_random", "slow"}
