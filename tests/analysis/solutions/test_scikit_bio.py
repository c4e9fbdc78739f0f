"""scikit-bio gives the same statistics where it has the same test; its p differ, as it permutes freely."""

import numpy as np
import pytest

from analysis.solutions.groups import draw
from analysis.solutions.permanova import permanova
from threefactor import seeding
from threefactor.analysis.solutions.dispersion import dispersion
from threefactor.analysis.solutions.factors import Factor
from threefactor.analysis.solutions.variance_partition import partition

EXACT = 1e-10  # sums of the same terms in another order


@pytest.fixture(scope="module")
def distance():
    reason = "optional: pip install scikit-bio"
    return pytest.importorskip("skbio.stats.distance", reason=reason)


def known(distance, matrix):
    symmetric = (matrix + matrix.T) / 2
    return distance.DistanceMatrix(symmetric, [f"network {i}" for i in range(len(matrix))])


@pytest.mark.parametrize("is_balanced", [True, False])
def test_permanova_is_that_of_scikit_bio(distance, is_balanced):
    matrix, labels, block = draw(3, groups=4, shift=0.4)
    keep = block > 0 if is_balanced else np.ones(len(labels), bool)
    matrix, labels, block = matrix[np.ix_(keep, keep)], labels[keep], block[keep]
    theirs = distance.permanova(known(distance, matrix), labels.astype(str), permutations=0)
    ours = permanova(matrix, labels, block, 9, generator=seeding.generator(0))
    assert ours.statistic == pytest.approx(theirs["test statistic"], rel=EXACT)
    none = np.zeros((len(labels), 0))
    share = partition(matrix, [Factor("rule", labels)], none, 9, generator=seeding.generator(0))[0]
    assert share.statistic == pytest.approx(theirs["test statistic"], rel=EXACT)


def test_free_permutation_gives_the_p_of_scikit_bio(distance):
    matrix, labels, block = draw(3, groups=3, shift=0.4)
    theirs = distance.permanova(known(distance, matrix), labels.astype(str), permutations=1999, seed=1)
    ours = permanova(matrix, labels, np.zeros_like(block), 1999, generator=seeding.generator(0))
    assert 0.02 < ours.p < 0.98
    error = (ours.p * (1 - ours.p) / 2000) ** 0.5
    assert ours.p == pytest.approx(theirs["p-value"], abs=4 * 2**0.5 * error)


def test_dispersion_of_groups_of_one_size_is_that_of_scikit_bio(distance):
    """In groups of several sizes ours alone corrects the bias of small groups (`dispersion`)."""
    matrix, labels, block = draw(5, groups=3, blocks=8, scale=[1, 1, 2])
    keep = block > 0
    matrix, labels, block = matrix[np.ix_(keep, keep)], labels[keep], block[keep]
    theirs = distance.permdisp(
        known(distance, matrix), labels.astype(str), test="centroid", permutations=0, dimensions=len(labels)
    )
    ours = dispersion(matrix, labels, block, 9, generator=seeding.generator(0))
    assert ours.statistic == pytest.approx(theirs["test statistic"], rel=EXACT)
