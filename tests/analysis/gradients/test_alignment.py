"""Alignment summaries: what is averaged, what is corrected, and what is refused for noise."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from figures import synthetic as made
from threefactor.analysis.gradients import alignment, alignment_words, descent, span
from threefactor.analysis.gradients.corrected import corrected_cosine


def networks(**columns):
    table = {"cosine": 0.2, "overlap": 0.18, "signal": 0.09, "other_signal": 1.0} | columns
    return pd.DataFrame(table | {"network": range(len(next(v for v in table.values() if np.ndim(v))))})


def test_a_corrected_cosine_is_the_mean_overlap_over_the_roots_of_mean_signals():
    signal, overlap = np.array([0.1, 0.2, 0.12, 0.14]), np.array([0.15, 0.2, 0.25, 0.2])
    found = corrected_cosine(networks(signal=signal, overlap=overlap, other_signal=0.9))
    wanted = overlap.mean() / np.sqrt(signal.mean() * 0.9)
    assert found["corrected"] == pytest.approx(wanted)
    left = [np.delete(overlap, n).mean() / np.sqrt(np.delete(signal, n).mean() * 0.9) for n in range(4)]
    half = stats.t.ppf(0.975, 3) * np.sqrt(3 * np.var(left))
    assert (found["low"], found["high"]) == pytest.approx((wanted - half, wanted + half))
    assert found["raw"] == pytest.approx(0.2)


def test_a_signal_that_noise_hides_is_not_divided_by():
    found = corrected_cosine(networks(signal=np.array([0.3, -0.2, 0.1, -0.1])))
    assert found["networks"] == 4
    assert np.isnan(found["corrected"])
    assert found["raw"] == pytest.approx(0.2)
    assert np.isnan(corrected_cosine(networks(signal=np.array([0.1, 0.1])))["corrected"]), "two networks"
    nothing = corrected_cosine(networks(cosine=np.array([np.nan, np.nan])))
    assert nothing["networks"] == 0


def test_several_snapshots_of_a_network_count_once():
    twice = networks(signal=np.array([0.1, 0.2, 0.12, 0.14]))
    both = pd.concat([twice, twice])
    assert corrected_cosine(both)["high"] == pytest.approx(corrected_cosine(twice)["high"])


def test_along_training_leaves_out_networks_that_had_stopped():
    found = alignment.along_training(made.aligned()).set_index(["learning_rule", "trial"])
    assert found.networks["bptt", 0] == 4
    assert found.networks["bptt", 400] == 1  # the others stopped at 250, 310 and 370
    assert found.networks["theta_11", 400] == 3  # one of four has no finite cosine


def test_own_updates_are_those_of_the_rule_that_trained():
    table = made.aligned()
    table.loc[table.compared == table.learning_rule, "cosine"] = 0.77
    assert alignment.per_rule(table).raw.to_numpy() == pytest.approx(0.77)
    assert set(alignment.by_type(table).trial_type) == {"all", "weighted", "aa", "ab", "ba", "bb"}
    same = alignment.at_same_weights(table, "theta_33").set_index("learning_rule").raw
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
    assert pair.corrected == pytest.approx(kept.overlap.mean() / root, rel=1e-6)
    assert pair.networks == 4, "a network counts once, whoever trained it"
    assert ("theta_33", "gradient") in found.index
    assert len(found) == len(made.RULES) * (len(made.RULES) - 1) / 2 + len(made.COMPARED)


def test_the_best_rule_finds_the_combination_that_follows_the_gradient():
    """Three monomials in a plane; the gradient is g = a - 2 b, plus a part outside: the cosine is known."""
    rng = np.random.default_rng(3)
    outside, sizes = 1.5, {"term_11": 1.0, "term_13": 5.0, "term_22": 0.2}
    rows, pairs = [], []
    for network in range(5):
        basis = np.linalg.qr(rng.normal(size=(40, 4)))[0].T
        a, b, c, out = basis
        vectors = {"term_11": a, "term_13": 5.0 * (b + 0.3 * a), "term_22": 0.2 * c}
        gradient = a - 2 * b + outside * out
        place = {"learning_rule": "theta_33", "network": network, "snapshot": 0, "trial_type": "all"}

        def cosine(x, y):
            return x @ y / np.linalg.norm(x) / np.linalg.norm(y)

        for name, v in vectors.items():
            own = cosine(v, gradient)
            size = np.linalg.norm(v)
            rows.append({**place, "compared": name, "cosine": own, "overlap": own, "signal": 1.0,
                         "gradient_signal": 1.0, "update_norm": size})  # fmt: skip
        for first, second in (("term_11", "term_13"), ("term_13", "term_22"), ("term_22", "term_11")):
            both = cosine(vectors[first], vectors[second])
            pairs.append({**place, "first": first, "second": second, "cosine": both, "overlap": both})
    assert set(sizes) == {"term_11", "term_13", "term_22"}
    found = span.ceiling(pd.DataFrame(rows), pd.DataFrame(pairs)).set_index("learning_rule")
    wanted = np.sqrt(5 / (5 + outside**2))
    assert found.terms.to_dict() == {"best_odd": 2, "best_polynomial": 3}
    assert found.corrected["best_polynomial"] == pytest.approx(wanted, rel=1e-4)
    assert found.raw["best_odd"] == pytest.approx(wanted, rel=1e-4)


def test_the_best_rule_is_judged_on_networks_that_it_was_not_fitted_to():
    """Two snapshots of a network are left out together: each network prefers a monomial of its own."""
    rows, pairs = [], []
    for network, snapshot in ((0, 0), (0, 1), (1, 0), (1, 1)):
        place = {"learning_rule": "theta_33", "network": network, "snapshot": snapshot, "trial_type": "all"}
        for term, liked in (("term_11", 0), ("term_13", 1)):
            own = 0.9 if network == liked else 0.0
            rows.append({**place, "compared": term, "cosine": own, "overlap": own, "signal": 1.0,
                         "gradient_signal": 1.0, "update_norm": 1.0})  # fmt: skip
        pairs.append({**place, "first": "term_11", "second": "term_13", "cosine": 0.0, "overlap": 0.0})
    found = span.ceiling(pd.DataFrame(rows), pd.DataFrame(pairs)).iloc[0]
    assert found.raw == pytest.approx(0, abs=1e-5), "what fits the other network does nothing here"


def test_rewards_that_are_not_finite_are_counted_apart():
    table = made.descent().query("learning_rule == 'bptt' and direction == 'bptt'").copy()
    table.loc[table.network == 0, "change"] = np.nan
    row = descent.reach(table).iloc[0]
    assert (row.looked_at, row.failed) == (12, 3)
    assert row.helped == 1


def test_correlation_is_pearsons_with_fishers_interval():
    speed = pd.DataFrame({"learning_rule": list("abcde"), "raw": [0.1, 0.2, 0.4, 0.5, np.nan],
                          "restricted_mean": [2000.0, 900.0, 500.0, 300.0, 100.0]})  # fmt: skip
    found = alignment.correlation(speed, "raw")
    kept = speed[:4]
    r = np.corrcoef(kept.raw, np.log(kept.restricted_mean))[0, 1]
    assert found["rules"] == 4
    assert found["estimate"] == pytest.approx(r)
    assert found["high"] == pytest.approx(np.tanh(np.arctanh(r) + 1.959964 / np.sqrt(1)), rel=1e-6)
    assert found["rank"] == pytest.approx(-1)
    assert np.isnan(alignment.correlation(speed, "raw", without=["a"])["estimate"]), "three are too few"


def test_reach_is_where_half_of_the_prediction_is_left():
    place = {"learning_rule": "r", "network": 0, "snapshot": 0, "direction": "r"}
    rows = [
        {**place, "step": s, "predicted": s, "change": s * x}
        for s, x in ((1e-3, 1), (1e-2, 0.75), (1e-1, 0.25))
    ]
    found = descent.reach(pd.DataFrame(rows)).iloc[0]
    assert found.reach == pytest.approx(10**-1.5)
    assert found.helped == 1
    never = descent.reach(pd.DataFrame(rows[:2])).iloc[0]
    assert never.reach == 1e-2, "the longest, where it holds throughout"
    down = pd.DataFrame(rows).assign(predicted=lambda t: -t.predicted, change=lambda t: -t.change)
    assert np.isnan(descent.reach(down).iloc[0].reach)
    assert descent.reach(down).iloc[0].helped == 0


def test_by_length_averages_snapshots_within_networks_first():
    table = made.descent().query("learning_rule == 'bptt' and direction == 'bptt'")
    found = descent.by_length(table).set_index("step")
    means = table[table.step == 1e-2].groupby("network").change.mean()
    assert found.networks[1e-2] == 4
    assert found.change[1e-2] == pytest.approx(means.mean())
    half = stats.t.ppf(0.975, 3) * means.std() / 2
    assert found.high[1e-2] - found.change[1e-2] == pytest.approx(half)


def test_words_take_their_numbers_from_the_tables():
    table, similarity = made.aligned(), made.similarity()
    rules, types = alignment.per_rule(table), alignment.by_type(table)
    speed = alignment.against_speed(table, made.criterion())
    fits = {c: alignment.correlation(speed, c) for c in ("raw", "corrected")}
    without = {c: alignment.correlation(speed, c, without=["bptt"]) for c in fits}
    words = alignment_words.follows(rules, types, fits, without)
    row = rules.set_index("learning_rule").loc["rflo"]
    assert f"``rflo`` {row.raw:.2f}" in words
    assert f"``rflo`` {row.corrected:.2f} [{row.low:.2f}, {row.high:.2f}]" in words
    assert "Noise hides the corrected cosine of" in words
    assert f"r = {fits['raw']['estimate']:.2f}" in words
    assert without["raw"]["rules"] == fits["raw"]["rules"] - 1
    assert f"without BPTT {without['raw']['estimate']:.2f}" in words
    same = pd.concat([alignment.at_same_weights(table, "theta_33"), span.ceiling(table, similarity)])
    learned = ["learned_random", "learned_theta33"]
    told = alignment_words.similar(alignment.matrix(similarity, table), same, "theta_33", learned)
    assert "9 odd terms" in told
    assert "shuffled control" in told
    steps = made.descent()
    lengths, reach = descent.by_length(steps), descent.reach(steps)
    told = alignment_words.descends(lengths, reach, pd.Series(1e-4, index=list(made.RULES)))
    assert "A step of 0.001 norms of W" in told
    assert f"{reach.set_index(['learning_rule', 'direction']).helped['bptt', 'bptt']:.0%}" in told


def test_words_of_nothing_say_so():
    empty = made.aligned().iloc[:0]
    assert "No rule" in alignment_words.follows(alignment.per_rule(empty), alignment.by_type(empty), {}, {})
    steps = made.descent().iloc[:0]
    nothing = pd.DataFrame(columns=["learning_rule", "direction"])
    assert (
        alignment_words.descends(descent.by_length(steps), nothing, pd.Series(dtype=float))
        == "No step was taken."
    )
