"""Rules told from features."""

import numpy as np
import pytest
from scipy.stats import kstest

from threefactor import seeding
from threefactor.analysis.solutions.feature_classification import CLASSIFIERS, classify, linear
from threefactor.analysis.solutions.splits import Split, group_splits, left_out


def made(seed, shift, networks=12, rules=3):
    """Draw features of rules crossed with initialisations, which have large effects of their own."""
    rng = np.random.default_rng(seed)
    rule, network = (x.ravel() for x in np.meshgrid(np.arange(rules), np.arange(networks)))
    features = rng.normal(size=(len(rule), 4)) + 2 * rng.normal(size=(networks, 4))[network]
    features[:, 0] += shift * rule
    return features, rule, network


class Nearest:
    """A classifier that gives each network the rule of the nearest one it knows."""

    def fit(self, features, classes):
        self.known, self.classes = features, classes
        return self

    def predict(self, features):
        far = np.linalg.norm(features[:, None] - self.known, axis=2)
        return self.classes[far.argmin(1)]


def test_accuracy_and_confusion_equal_the_loop():
    features, rule, network = made(0, 3.0)
    features, rule, network = features[:-4], rule[:-4], network[:-4]  # rules of unequal numbers
    splits = group_splits(network, 3, 0.25, generator=seeding.generator(1))
    found = classify(
        features, rule, network, splits, lambda seed: Nearest(), 0, generator=seeding.generator(0)
    )
    accuracies, counts = [], np.zeros((3, 3))
    for split in splits:
        hits = {g: [] for g in range(3)}
        for i in np.flatnonzero(split.test):
            known = np.flatnonzero(split.train)
            guess = rule[known[np.argmin([np.linalg.norm(features[i] - features[j]) for j in known])]]
            hits[rule[i]].append(guess == rule[i])
            counts[rule[i], guess] += 1
        accuracies.append(np.mean([np.mean(one) for one in hits.values() if one]))
    assert found.accuracy == pytest.approx(np.mean(accuracies))
    assert found.spread == pytest.approx(np.std(accuracies, ddof=1))
    np.testing.assert_allclose(found.confusion, counts / counts.sum(1, keepdims=True))
    assert np.isnan([found.null, found.p]).all()  # without permutations


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_rules_that_differ_are_told_apart_and_equal_ones_are_not(name):
    for shift in (8.0, 0.0):
        features, rule, network = made(1, shift)
        splits = group_splits(network, 2, 0.25, generator=seeding.generator(2))
        found = classify(
            features, rule, network, splits, CLASSIFIERS[name], 4, generator=seeding.generator(0)
        )
        assert found.chance == pytest.approx(1 / 3)
        assert (found.accuracy > 0.7) == (shift > 0)
        assert found.null < 0.6
        assert found.p == pytest.approx(1 / 5) or not shift


def test_p_is_uniform_when_rules_are_equal():
    values = []
    for seed in range(100):
        features, rule, network = made(seed, 0.0)
        splits = group_splits(network, 2, 0.25, generator=seeding.generator(seed))
        found = classify(
            features, rule, network, splits, lambda seed: Nearest(), 19, generator=seeding.generator(seed)
        )
        values.append(found.p)
    # ties between accuracies of few networks make p larger, never smaller
    assert kstest(values, "uniform", alternative="greater").pvalue > 0.01


def test_a_rule_is_told_at_a_gain_that_was_never_seen():
    features, rule, network = made(3, 8.0)
    found = classify(
        features, rule, network, left_out([network % 3]), linear, 0, generator=seeding.generator(0)
    )
    assert found.accuracy > 0.7


def test_a_rule_that_was_never_learned_is_never_found():
    features, rule, network = made(4, 8.0)
    split = Split(train=(network > 3) & (rule > 0), test=network <= 3)
    found = classify(features, rule, network, [split], linear, 0, generator=seeding.generator(0))
    assert (found.confusion[:, 0] == 0).all()
    assert np.isnan(found.spread)
    assert found.accuracy < 0.7


def test_features_must_be_finite():
    features, rule, network = made(0, 0.0)
    features[0, 0] = np.nan
    with pytest.raises(ValueError, match="must be finite"):
        classify(features, rule, network, [], linear, 0, generator=seeding.generator(0))
