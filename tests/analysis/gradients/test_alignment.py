"""Summaries of alignment: what is averaged over what."""

import numpy as np
import pandas as pd
import pytest

from analysis.gradients import made_up as made
from threefactor.analysis.gradients import alignment


def test_along_training_is_of_all_networks_at_each_snapshot():
    table = made.aligned()
    found = alignment.along_training(table).set_index(["learning_rule", "trial"])
    assert list(found.loc["bptt"].index) == list(made.SNAPSHOTS)
    assert found.networks["bptt", 400] == 4
    assert found.networks["theta_11", 400] == 3, "one of four has no finite cosine"
    own = table[(table.compared == "bptt") & (table.learning_rule == "bptt") & (table.trial_type == "all")]
    for trial in made.SNAPSHOTS:
        at = own[own.trial == trial]
        assert found.uncorrected["bptt", trial] == pytest.approx(at.cosine.mean())
        assert found.sign_agreement["bptt", trial] == pytest.approx(at.sign_agreement.mean())


def test_own_updates_are_those_of_the_rule_that_trained():
    table = made.aligned()
    table.loc[table.compared == table.learning_rule, "cosine"] = 0.77
    assert alignment.per_rule(table).uncorrected.to_numpy() == pytest.approx(0.77)
    assert set(alignment.by_type(table).trial_type) == {"all", "weighted", "aa", "ab", "ba", "bb"}
    same = alignment.at_same_weights(table, "theta_33").set_index("learning_rule").uncorrected
    assert same["theta_33"] == pytest.approx(0.77)
    assert same["bptt"] < 0.4
    assert not same.index.str.startswith("term_").any()


def test_the_matrix_holds_each_pair_once_with_both_signals():
    table, similarity = made.aligned(), made.similarity()
    table["signal"] = np.where(table.compared == "rflo", 0.64, 0.25) + 1e-3 * table.network
    found = alignment.matrix(similarity, table).set_index(["first", "second"])
    pair = found.loc[("theta_33", "rflo")]
    kept = similarity[(similarity["first"] == "theta_33") & (similarity.second == "rflo")]
    root = np.sqrt((0.25 + 1.5e-3) * (0.64 + 1.5e-3))
    assert pair.noise_corrected == pytest.approx(kept.overlap.mean() / root, rel=1e-6)
    assert pair.networks == 4, "a network counts once, whoever trained it"
    assert ("theta_33", "gradient") in found.index
    assert len(found) == len(made.RULES) * (len(made.RULES) - 1) / 2 + len(made.COMPARED)


def test_correlation_is_pearsons_with_fishers_interval():
    speed = pd.DataFrame({"learning_rule": list("abcde"), "uncorrected": [0.1, 0.2, 0.4, 0.5, np.nan],
                          "restricted_mean": [2000.0, 900.0, 500.0, 300.0, 100.0]})  # fmt: skip
    found = alignment.correlation(speed, "uncorrected")
    kept = speed[:4]
    r = np.corrcoef(kept.uncorrected, np.log(kept.restricted_mean))[0, 1]
    assert found["rules"] == 4
    assert found["estimate"] == pytest.approx(r)
    assert found["high"] == pytest.approx(np.tanh(np.arctanh(r) + 1.959964 / np.sqrt(1)), rel=1e-6)
    assert found["rank"] == pytest.approx(-1)
    assert np.isnan(alignment.correlation(speed, "uncorrected", without=["a"])["estimate"]), (
        "three are too few"
    )


def test_the_mean_within_trial_types_is_of_rules_that_are_resolved_in_each():
    types = alignment.by_type(made.aligned())
    found = alignment.within_types(types)
    assert "start_learned_random" not in found.index, "noise hides it"
    single = types[(types.learning_rule == "rflo") & types.trial_type.isin(["aa", "ab", "ba", "bb"])]
    assert found["rflo"] == pytest.approx(single.noise_corrected.mean())
