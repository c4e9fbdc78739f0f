"""The table of claims has a row for each claim and metric of the tables that it is made from."""

import numpy as np
import pytest

from made import crossed
from threefactor.analysis.solutions import class_columns as columns
from threefactor.analysis.solutions.claims import CLAIMS, claims_table

LEVELS, DISTANCES = [0.5, 0.2], ["cka", "weights"]


def tables():
    return {
        "explained": crossed(
            columns.EXPLAINED,
            level=LEVELS,
            distance=DISTANCES,
            covariates=["none", "rank and error"],
            factor=["learning_rule", "initialisation", "residual"],
        ),
        "clusters": crossed(
            columns.CLUSTERS,
            level=LEVELS,
            distance=DISTANCES,
            of=["all", "all without initialisations", "bptt"],
        ),
        "predictions": crossed(
            columns.PREDICTIONS, level=LEVELS, features=["measures", "units"], left_out=["gain"]
        ),
        "over_null": crossed(
            columns.OVER_NULL,
            level=LEVELS,
            distance=DISTANCES,
            learning_rule=["bptt", "rflo"],
            walks=["steered"],
            within=lambda table: np.where(table.learning_rule == "bptt", 0.5, 2.0),
            reachable=1.0,
            from_anchor=4.0,
        ),
        "two_by_two": crossed(
            columns.TWO_BY_TWO,
            level=LEVELS,
            quantity=["sharpness"],
            effect=["locality", "feedback"],
            estimate=3.0,
            low_rules=-3.0,
            high_rules=9.0,
            standardised=1.5,
        ),
        "correlations": crossed(
            columns.CORRELATIONS, level=LEVELS, quantity=["sharpness"], over=["all", "within rules"]
        ),
    }


def test_every_claim_has_its_metrics_at_every_level():
    found = claims_table(tables())
    assert list(found.columns) == CLAIMS.names()
    counts = found[found.level == 0.5].groupby("claim").size().to_dict()
    assert counts == {
        "the rule explains how far networks lie apart": 2,
        "the rule explains how far networks lie apart, beyond rank and error": 2,
        "the initialisation explains how far networks lie apart": 2,
        "clusters are the rules": 2,
        "a network tells its rule, another gain left out": 2,
        "rules spread less than steered walks at equal error lie apart": 2,
        "rules spread less than steered walks at equal error lead away": 2,
        "locality changes networks": 1,
        "feedback changes networks": 1,
        "goes with the error out of distribution": 1,
    }
    assert len(found) == 2 * len(found[found.level == 0.5])


def test_numbers_are_those_of_the_tables():
    made = tables()
    found = claims_table(made).set_index(["claim", "of", "level"])
    rule = made["explained"].query("factor == 'learning_rule' and covariates == 'none'")
    own = rule[(rule.distance == "cka") & (rule.level == 0.2)].iloc[0]
    one = found.loc[("the rule explains how far networks lie apart", "cka", 0.2)]
    assert (one.effect, one.p) == (own.adjusted, own.p_holm)
    for words, far in (("lie apart", 1.0), ("lead away", 4.0)):
        ratio = found.loc[(f"rules spread less than steered walks at equal error {words}", "weights", 0.5)]
        assert (ratio.effect * far, ratio.low * far, ratio.high * far) == pytest.approx((1.0, 0.5, 2.0))
    effect = found.loc[("locality changes networks", "sharpness", 0.5)]
    assert (effect.effect, effect.low, effect.high) == pytest.approx((1.5, -1.5, 4.5))
    inside = made["correlations"].query("over == 'within rules' and level == 0.5").iloc[0]
    assert found.loc[("goes with the error out of distribution", "sharpness", 0.5)].effect == inside.estimate


def test_nothing_to_claim_gives_an_empty_table():
    empty = {name: table.iloc[:0] for name, table in tables().items()}
    assert list(claims_table(empty).columns) == CLAIMS.names()
    assert not len(claims_table(empty))
