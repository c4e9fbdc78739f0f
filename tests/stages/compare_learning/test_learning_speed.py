import numpy as np

from made import crossed, drawn, expect_labelled
from threefactor.analysis.solutions.comparison_columns import CRITERION, SURVIVAL
from threefactor.pipeline.settings import load

RULES = ["theta_33", "learned_random", "start_learned_random", "node_perturbation", "rflo", "bptt"]
LOST = "start_learned_random"  # which nobody learns with, and nobody can be compared with


def criterion():
    def unknown(value):
        return lambda table: np.where(table.learning_rule == LOST, np.nan, value)

    return crossed(
        CRITERION,
        learning_rule=RULES,
        networks=12,
        reached=lambda table: np.where(table.learning_rule == LOST, 0, 10),
        restricted_mean=lambda table: 400 + 10.0 * np.arange(len(table)),
        ratio_to_theta_33=unknown(0.75),
        ratio_low=unknown(0.5),
        ratio_high=unknown(0.9),
        horizon=600,
    )


def survival():
    trials = [0, 200, 350, 600]
    return crossed(
        SURVIVAL, learning_rule=RULES, trial=trials, waiting=lambda table: 1 - table.trial / 700, low=0.0
    )


def test_speed_is_drawn_and_stated(tmp_path):
    config = load.parse({"results": str(tmp_path)})
    results = {"compare_learning/survival.csv": survival(), "compare_learning/criterion.csv": criterion()}
    figure, found, words = drawn(config, "learning_speed", results)
    expect_labelled(figure)
    assert found["horizon"] == 600
    assert list(found["rules"]) == RULES
    one = found["rules"]["bptt"]
    assert one["restricted_mean"][0] == 450
    assert one["ratio_to_theta_33"] == [0.75, 0.5, 0.9]
    assert found["rules"][LOST]["ratio_to_theta_33"] == [None] * 3
    information = {rule: about["information"] for rule, about in found["rules"].items()}
    assert information == {
        **dict.fromkeys(RULES[:3], "reward"),
        "node_perturbation": "perturbation",
        "rflo": "error",
        "bptt": "gradient",
    }
    for number in ("10 of 12", "0 of 12", "450 trials", "0.75 [0.50, 0.90]", "gradient"):
        assert number in words


def test_rules_of_which_no_network_is_at_criterion_have_no_interval(tmp_path):
    ends = ["restricted_mean_low", "restricted_mean_high", "ratio_to_theta_33", "ratio_low", "ratio_high"]
    nobody = criterion().assign(**dict.fromkeys(ends, np.nan), restricted_mean=600.0, reached=0)
    curves = survival().assign(waiting=1.0, low=np.nan, high=np.nan)
    results = {"compare_learning/survival.csv": curves, "compare_learning/criterion.csv": nobody}
    figure, found, words = drawn(load.parse({"results": str(tmp_path)}), "learning_speed", results)
    expect_labelled(figure)
    assert found["rules"]["bptt"]["restricted_mean"] == [600, None, None]
    assert "``bptt`` 0 of 12, 600 trials;" in words or "``bptt`` 0 of 12, 600 trials." in words
    assert "None" not in words
    assert "nan" not in words
