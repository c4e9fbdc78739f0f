import numpy as np
import pandas as pd
import pytest

from made import crossed
from threefactor.analysis.solutions.class_columns import CLUSTERS, EXPLAINED, TWO_BY_TWO
from threefactor.analysis.solutions.verdict import (
    NEGLIGIBLE,
    NO,
    SIMPLICITY,
    UNKNOWN,
    YES,
    agreed,
    any_of,
    biases,
    classes,
    in_spreads,
    of_effect,
)


def clusters(p, rand):
    """Return a table in which only networks without their initialisations say something of rules."""
    of = ["all", "all without initialisations", "theta_33"]

    def own(value, other):
        return lambda table: np.where(table.of == of[1], value, other)

    return crossed(CLUSTERS, of=of, number=own(4, 2), p=own(p, 0.5), rand_learning_rule=own(rand, 0.4))


def explained(p):
    """Return a table in which the rule is tested without covariates, and other rows say something else."""
    return crossed(
        EXPLAINED,
        covariates=["rank and error", "none"],
        factor=["initialisation", "learning_rule"],
        adjusted=lambda table: np.where(_is_plain(table), 0.125, 0.75),
        p_holm=lambda table: np.where(_is_plain(table), p, 0.5),
    )


def _is_plain(table):
    return (table.covariates == "none") & (table.factor == "learning_rule")


@pytest.mark.parametrize(
    ("p_clusters", "rand", "p_rule", "answer"),
    [
        (0.01, 0.75, 0.01, YES),
        (0.20, 0.75, 0.01, UNKNOWN),  # these may be no clusters
        (0.01, 0.40, 0.01, UNKNOWN),  # they follow rules in part
        (0.01, 0.10, 0.01, NO),
        (0.20, 0.10, 0.01, NO),
        (0.20, 0.10, 0.20, UNKNOWN),  # nothing is seen
        (0.01, np.nan, 0.01, UNKNOWN),
    ],
)
def test_rules_make_classes_if_clusters_are_the_rules(p_clusters, rand, p_rule, answer):
    found = classes(clusters(p_clusters, rand), explained(p_rule))
    assert found.answer == answer
    assert (found.clusters, found.p_clusters, found.explained, found.p_explained) == (
        4,
        p_clusters,
        0.125,
        p_rule,
    )


def test_empty_tables_answer_nothing():
    found = classes(clusters(0.01, 0.75).iloc[:0], explained(0.01).iloc[:0])
    assert found.answer == UNKNOWN
    assert np.isnan(found[1:]).all()
    assert biases(effects().iloc[:0]) == {"locality": {}, "feedback": {}}
    assert of_effect([]) == UNKNOWN


def effects(estimate=-4.0, networks=1.0, rules=2.0, p=0.001, measures=("sharpness",)):
    """Return a table in which feedback has an effect, and the half widths of its two intervals; the spread is 2."""
    named = crossed(
        TWO_BY_TWO,
        quantity=[*measures, "representation_alignment"],
        effect=["locality", "feedback", "interaction"],
        estimate=lambda table: np.where(table.effect == "feedback", estimate, 0.5),
        p_rules=lambda table: np.where(table.effect == "feedback", p, 0.9),
        standardised=lambda table: table.estimate / 2,
    )
    wide = np.where(named.effect == "feedback", 1.0, 20.0)
    ends = {"estimate_low": -networks, "estimate_high": networks, "low_rules": -rules, "high_rules": rules}
    return named.assign(**{name: named.estimate + wide * end for name, end in ends.items()})


@pytest.mark.parametrize(
    ("changed", "answer"),
    [
        ({}, YES),
        ({"estimate": 4.0}, NO),  # networks of rules with the error are less simple
        ({"rules": 5.0}, UNKNOWN),  # sure of these rules alone
        ({"networks": 5.0}, UNKNOWN),  # sure of these initialisations alone
        ({"p": 0.03}, UNKNOWN),  # not after correction for two effects
        ({"estimate": -0.5, "networks": 0.1, "rules": 0.4}, NO),  # surely small
        ({"estimate": -0.5, "networks": 0.1, "rules": 0.6}, UNKNOWN),
        ({"rules": np.nan}, UNKNOWN),
    ],
)
def test_gradients_find_simpler_solutions_if_both_intervals_say_so(changed, answer):
    found = biases(effects(**changed))
    assert list(found["feedback"]) == ["sharpness"], "alignment is no measure of simplicity"
    assert found["feedback"]["sharpness"].answer == answer
    assert found["locality"]["sharpness"].answer == UNKNOWN
    assert of_effect(found["feedback"].values()) == answer


def test_numbers_are_in_standard_deviations_between_networks():
    one = biases(effects())["feedback"]["sharpness"]
    assert one[1:6] == pytest.approx((-2.0, -2.5, -1.5, -3.0, -1.0))
    assert one.p == pytest.approx(0.002), "of two effects on one measure"
    table = in_spreads(effects())
    assert table.estimate.to_numpy() == pytest.approx(table.standardised.to_numpy())


def test_a_small_effect_is_one_below_the_margin():
    at = 2 * NEGLIGIBLE  # the spread is 2
    below, above = (biases(effects(0.0 + 1e-9, 0.1, rules)) for rules in (0.99 * at, 1.01 * at))
    assert below["feedback"]["sharpness"].answer == NO
    assert above["feedback"]["sharpness"].answer == UNKNOWN


def test_measures_that_point_both_ways_leave_it_open():
    both = pd.concat([effects(measures=["sharpness"]), effects(4.0, measures=["attractors"])])
    found = biases(both)["feedback"]
    assert [one.answer for one in found.values()] == [YES, NO]
    assert of_effect(found.values()) == UNKNOWN
    small = biases(pd.concat([effects(), effects(-0.5, 0.1, 0.4, measures=["attractors"])]))["feedback"]
    assert [one.answer for one in small.values()] == [YES, NO]
    assert of_effect(small.values()) == YES, "one measure is enough where the others do not change"


def test_every_measure_of_simplicity_counts_for_the_correction():
    found = biases(effects(measures=SIMPLICITY))["feedback"]
    assert [one.p for one in found.values()] == pytest.approx([12 * 0.001] * len(SIMPLICITY))


def test_answers_are_joined():
    assert agreed([YES, YES]) == YES
    assert agreed([YES, NO]) == agreed([NO, UNKNOWN]) == agreed([]) == UNKNOWN
    assert any_of([YES, UNKNOWN]) == any_of([NO, YES]) == YES
    assert any_of([NO, NO]) == NO
    assert any_of([NO, UNKNOWN]) == UNKNOWN
