"""The partition of variance: beside analysis of variance, one-factor PERMANOVA and what happens without an effect."""

import numpy as np
import pytest
from scipy.stats import f_oneway, kstest

from analysis.solutions.groups import draw, euclidean
from analysis.solutions.permanova import permanova
from threefactor import seeding
from threefactor.analysis.solutions.factors import Factor
from threefactor.analysis.solutions.variance_partition import partition

NONE = np.zeros((0, 0))


def crossed(seed, rules=3, networks=9, gains=3, *, missing=0, network_scale=1.0, gain_scale=0.0):
    """Draw points of rules crossed with initialisations that are nested in gains, without an effect of the rule."""
    rng = np.random.default_rng(seed)
    rule, network = (x.ravel() for x in np.meshgrid(np.arange(rules), np.arange(networks)))
    points = rng.normal(size=(len(rule), 4)) + network_scale * rng.normal(size=(networks, 4))[network]
    points += gain_scale * rng.normal(size=(gains, 4))[network % gains]
    keep = np.sort(rng.permutation(len(rule))[missing:])
    return points[keep], rule[keep], network[keep], network[keep] % gains


def factors_of(rule, network, gain):
    return [Factor("rule", rule), Factor("network", network, "gain"), Factor("gain", gain)]


def shares(points, factors, covariates=None, permutations=9, seed=0):
    if covariates is None:
        covariates = np.zeros((len(points), 0))
    generator = seeding.generator(seed)
    found = partition(euclidean(points), factors, covariates, permutations, generator=generator)
    return {share.factor: share for share in found}


def residual_sum(values, *columns):
    """Return the residual sum of squares of a regression on columns."""
    design = np.column_stack([np.ones(len(values)), *columns])
    fit = np.linalg.lstsq(design, values, rcond=None)[0]
    return ((values - design @ fit) ** 2).sum(), np.linalg.matrix_rank(design)


def dummies(labels):
    return (labels[:, None] == np.unique(labels)).astype(float)


def test_one_factor_is_permanova():
    distances, labels, block = draw(2, shift=0.5)
    covariates = np.zeros((len(labels), 0))
    one = partition(distances, [Factor("rule", labels)], covariates, 99, generator=seeding.generator(0))[0]
    whole = permanova(distances, labels, np.zeros_like(block), 99, generator=seeding.generator(0))
    assert one.statistic == pytest.approx(whole.statistic, rel=1e-10)
    assert one.effect == pytest.approx(whole.effect, rel=1e-10)
    assert one.p == whole.p  # of the same permutations


@pytest.mark.parametrize("missing", [0, 5])
def test_sums_are_those_of_regressions_that_leave_the_factor_out(missing):
    points, rule, network, gain = crossed(1, missing=missing)
    covariates = np.random.default_rng(5).normal(size=(len(rule), 2)) + rule[:, None]
    found = shares(points, factors_of(rule, network, gain), covariates)
    of = {"rule": dummies(rule), "network": dummies(network), "gain": dummies(gain)}
    total = residual_sum(points, covariates)[0]
    full, rank = residual_sum(points, covariates, *of.values())
    error = full / (len(rule) - rank)
    for name in ("rule", "network"):
        without, smaller = residual_sum(points, covariates, *(of[other] for other in of if other != name))
        f = (without - full) / (rank - smaller) / error
        assert found[name].statistic == pytest.approx(f, rel=1e-9)
        assert found[name].effect == pytest.approx((without - full) / total, rel=1e-9)
        assert found[name].partial == pytest.approx((without - full) / without, rel=1e-9)
    none, bare = residual_sum(points, covariates, of["rule"])
    outer, middle = residual_sum(points, covariates, of["rule"], of["gain"])
    f = (none - outer) / (middle - bare) / ((outer - full) / (rank - middle))
    assert found["gain"].statistic == pytest.approx(f, rel=1e-9)
    assert found["gain"].effect == pytest.approx((none - outer) / total, rel=1e-9)
    assert found["residual"].effect == pytest.approx(full / total, rel=1e-9)
    alone = residual_sum(points)[0]
    assert found["covariates"].effect == pytest.approx(1 - total / alone, rel=1e-9)


def test_shares_of_a_balanced_design_add_up_to_one():
    points, *labels = crossed(3)
    found = shares(points, factors_of(*labels))
    assert sum(share.effect for share in found.values()) == pytest.approx(1, rel=1e-10)


def test_gain_is_tested_on_the_means_of_initialisations():
    points, rule, network, gain = crossed(4)
    found = shares(points[:, :1], factors_of(rule, network, gain))["gain"]
    means = np.array([points[network == i, 0].mean() for i in range(9)])
    assert found.statistic == pytest.approx(f_oneway(*(means[g::3] for g in range(3))).statistic)


def test_gain_without_an_effect_is_not_found_in_large_effects_of_initialisation():
    """One factor alone, freely permuted, takes the initialisations of a gain for its effect."""
    nested, free = [], []
    for seed in range(150):
        points, rule, network, gain = crossed(seed, networks=12, network_scale=3.0, missing=4)
        factors = factors_of(rule, network, gain)
        nested.append(shares(points, factors, permutations=59, seed=seed)["gain"].p)
        free.append(shares(points, [Factor("gain", gain)], permutations=59, seed=seed)["gain"].p)
    assert kstest(nested, "uniform").pvalue > 0.01
    assert np.mean(np.array(free) <= 0.05) > 0.2


def test_p_is_uniform_and_the_adjusted_effect_zero_when_a_covariate_follows_the_rule():
    """The covariate drives the points and differs between rules; the rule adds nothing to it."""
    found = []
    for seed in range(150):
        points, rule, network, gain = crossed(seed, networks=8, gains=2, missing=3)
        covariate = rule + np.random.default_rng(900 + seed).normal(size=len(rule))
        moved = points + 2 * covariate[:, None]
        found.append(shares(moved, factors_of(rule, network, gain), covariate[:, None], 59, seed)["rule"])
    assert kstest([share.p for share in found], "uniform").pvalue > 0.01
    adjusted, effect, null = (
        np.array([getattr(share, name) for share in found]) for name in ("adjusted", "effect", "null")
    )
    error = adjusted.std() / len(found) ** 0.5
    assert abs(adjusted.mean()) < 3 * error
    assert abs((effect - null).mean()) < 3 * error
    assert effect.mean() > 5 * error  # R² itself is far from zero


def test_a_rule_that_differs_is_found_beyond_its_covariate():
    points, rule, network, gain = crossed(6)
    covariate = np.random.default_rng(1).normal(size=(len(rule), 1))
    points[:, 1] += 3.0 * (rule == 1)
    found = shares(points, factors_of(rule, network, gain), covariate, 199)
    assert found["rule"].p == pytest.approx(1 / 200)
    assert found["rule"].adjusted > 0.1
    assert found["rule"].permuted == "networks within network × gain"
    assert found["gain"].permuted == "gain over network"


def test_what_cannot_be_tested_is_nan():
    points, rule, network, gain = crossed(7, networks=4, gains=1)
    found = shares(points, factors_of(rule, network, gain))
    assert np.isnan([found["gain"].effect, found["gain"].p]).all()  # one level
    assert 0 < found["rule"].p <= 1
    alone = shares(points[:3], [Factor("rule", rule[:3]), Factor("other", np.array([0, 1, 1]))])
    assert np.isnan([alone["rule"].effect, alone["other"].effect]).all()  # no degrees of freedom left
    apart = shares(points[:3], [Factor("rule", np.array([0, 0, 1])), Factor("other", np.array([0, 1, 1]))])
    assert np.isnan([apart["rule"].p, apart["other"].p]).all()
    still = shares(
        points[:6], [Factor("rule", np.array([0, 0, 1, 1, 2, 2])), Factor("other", np.arange(6) % 2)]
    )
    assert still["other"].p > 0


def test_covariates_must_be_finite():
    points, *labels = crossed(8)
    with pytest.raises(ValueError, match="must be finite"):
        shares(points, factors_of(*labels), np.full((len(points), 1), np.nan))
