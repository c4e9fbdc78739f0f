import numpy as np
import pytest

from figures import synthetic as made
from threefactor.analysis.learning.search import rivals, savings
from threefactor.analysis.learning.search_words import search


def test_savings_compare_rules_of_one_kind_at_evolutions_own_levels():
    found = savings(made.searched()).set_index(["learning_rule", "way"])
    assert set(found.evolution) == {"evolved"}  # no rule by derivatives may be what the other one may
    half, whole = found.loc[("learned_random", 0.5)], found.loc[("learned_random", 1.0)]
    # evolution: 0.5, 0.4, 0.3 after 0, 1 and 2 million trials; derivatives: 0.5, 0.4, 0.2 after 0, 20,000 and 40,000
    assert (half.smoothed_error_rate, half.evolution_trials, half.trials) == pytest.approx((0.4, 1e6, 20_000))
    assert (whole.smoothed_error_rate, whole.evolution_trials, whole.trials) == pytest.approx(
        (0.3, 2e6, 30_000)
    )
    assert (half.saving, whole.saving) == pytest.approx((50, 2e6 / 3e4))
    assert found.loc[("learned_random", 0.95)].evolution_trials == pytest.approx(1.9e6)
    assert np.isnan(found.loc[("slow", 0.5)].saving)


def test_the_words_count_who_got_there():
    words = search(savings(made.searched()))
    assert "Evolution simulated 2,000,000 trials to its best score; 1 of 2 comparisons" in words
    assert "with 30,000 to 30,000 trials, 67 to 67 times fewer (median 67)" in words
    assert search(savings(made.searched()[:0])) == ""
    scores = made.searched()
    scores.loc[scores.learning_rule == "slow", "smoothed_error_rate"] = 0.35
    assert "2 of 2 comparisons" in search(savings(scores))
    assert "got there, 1 from the start and the others with 20,000" in search(savings(scores))


def test_evolution_gets_to_its_own_best_score_whatever_rounding_says():
    scores = made.searched()
    scores.loc[scores.learning_rule == "evolved", "smoothed_error_rate"] = [0.8, 0.3, 0.2]
    found = savings(scores).set_index(["learning_rule", "way"])
    assert found.loc[("learned_random", 1.0)].evolution_trials == pytest.approx(2e6)


def test_evolution_that_never_gets_better_is_compared_with_nothing():
    scores = made.searched()
    scores.loc[scores.learning_rule == "evolved", "smoothed_error_rate"] = [0.5, 0.6, 0.7]
    assert savings(scores).empty
    assert search(savings(scores)) == ""


def test_every_rule_stands_beside_its_rival_or_in_a_panel_without_one():
    scores = made.searched()
    found = rivals(scores)
    assert {name: set(part.learning_rule) for name, part in found.items()} == {
        "evolved": {"learned_random", "slow", "evolved"},
        "other": {"other"},
    }
    rest = rivals(scores[scores.learning_rule != "evolved"])
    assert set(rest[""].learning_rule) == {"learned_random", "slow"}
