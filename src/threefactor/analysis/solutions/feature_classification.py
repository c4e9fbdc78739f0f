"""Tell the rule that made a network from features of it, as accuracy beside chance and beside permuted labels.

A classifier learns from some initialisations and is tested on others, in several splits (Nayebi et al. 2020 tell learning
rules from observables of training, with linear support vectors and random forests and ten splits). Accuracy is the mean
recall over rules, so that a rule with more networks counts no more, and a guess has 1 / rules. Under the null hypothesis
labels are permuted within initialisations, and all splits are repeated.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from threefactor.analysis.solutions.permutation import p_value, permutations_within
from threefactor.analysis.solutions.splits import Split


def linear(seed: int) -> Any:
    """Make linear support vectors on features in units of their SD, one rule against another."""
    return make_pipeline(StandardScaler(), SVC(kernel="linear", random_state=seed))


def forest(seed: int) -> Any:
    """Make a random forest."""
    return RandomForestClassifier(random_state=seed)


CLASSIFIERS: dict[str, Callable[[int], Any]] = {"linear": linear, "forest": forest}
"""What makes a classifier with scikit-learn's ``fit`` and ``predict`` from a seed, by name."""


class Accuracy(NamedTuple):
    """How well rules are told apart.

    Attributes
    ----------
    accuracy, spread : float
        Mean and standard deviation over splits of the mean recall over rules, 0 to 1.
    chance : float
        1 / rules.
    null : float
        Mean accuracy with permuted labels; NaN without permutations.
    p : float
        One-sided permutation p of the accuracy; NaN without permutations.
    confusion : ndarray
        Fractions over all test sets, (g, g): true rule, found rule; rows sum to 1.
    """

    accuracy: float
    spread: float
    chance: float
    null: float
    p: float
    confusion: NDArray[np.float64]


def classify(
    features: NDArray[np.float64],
    labels: NDArray[np.int64],
    blocks: NDArray[np.int64],
    splits: Sequence[Split],
    classifier: Callable[[int], Any],
    permutations: int,
    *,
    generator: torch.Generator,
) -> Accuracy:
    """Learn and test in every split, then again with labels permuted within blocks.

    Parameters
    ----------
    features : ndarray
        Features of the networks, (n, f).
    labels : ndarray
        Rule of each network, (n).
    blocks : ndarray
        Initialisation of each network, (n), within which labels are permuted.
    splits : sequence of Split
        Training and test sets, from `group_splits` or `left_out`.
    classifier : callable
        Makes a classifier from a seed: one of `CLASSIFIERS`.
    permutations : int
        Number of permutations; 0 for none.
    generator : torch.Generator
        Source of randomness.

    Raises
    ------
    ValueError
        If a feature is not finite.
    """
    if not np.isfinite(features).all():
        raise ValueError("features = NaN or infinite: must be finite")
    seed = int(torch.randint(2**31, (1,), generator=generator))
    classes = np.unique(labels, return_inverse=True)[1]
    orders = permutations_within(blocks, permutations, generator=generator)
    recalls, confusion = _tested(features, classes, splits, classifier, seed)
    null = np.array(
        [_tested(features, classes[order], splits, classifier, seed)[0].mean() for order in orders]
    )
    has_null = permutations > 0
    return Accuracy(
        accuracy=float(recalls.mean()),
        spread=float(recalls.std(ddof=1)) if len(recalls) > 1 else float("nan"),
        chance=1 / len(confusion),
        null=float(null.mean()) if has_null else float("nan"),
        p=p_value(float(recalls.mean()), null) if has_null else float("nan"),
        confusion=confusion / np.maximum(confusion.sum(1, keepdims=True), 1),
    )


def _tested(
    features: NDArray[np.float64],
    classes: NDArray[np.int64],
    splits: Sequence[Split],
    classifier: Callable[[int], Any],
    seed: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the mean recall in each split, over the classes that it tests, and the counts of found classes (g, g)."""
    counts = np.zeros((len(splits), classes.max() + 1, classes.max() + 1))
    for count, split in zip(counts, splits, strict=True):
        model = classifier(seed).fit(features[split.train], classes[split.train])
        np.add.at(count, (classes[split.test], model.predict(features[split.test])), 1)
    tested = counts.sum(2)
    recall = np.diagonal(counts, axis1=1, axis2=2) / np.where(tested > 0, tested, np.nan)
    return np.nanmean(recall, axis=1), counts.sum(0)
