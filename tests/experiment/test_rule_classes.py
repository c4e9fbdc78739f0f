"""Classes of learned rules: which are starts of one search, and which evolution and derivatives both seek."""

from threefactor.experiment.rule_classes import rivals_of_evolved, search_classes, search_of
from threefactor.pipeline.settings.model import config_class

RULES = {
    "slow": {"start": "random", "starts": 2},
    "quick": {"start": "random", "networks": 4, "coordinates": "orthonormal"},
    "quick_2": {"start": "random", "networks": 5},
    "few": {"start": "random", "terms": ["33", "31"]},
    "rule_33": {"start": "theta_33"},
    "evolved": {"start": "random", "estimator": "evolution"},
    "evolved_few": {"start": "random", "estimator": "evolution", "terms": ["31", "33"]},
    "written_out": {
        "start": "random",
        "deviation": "raw",
        "task": "dnms",
        "terms": ["11", "13", "15", "31", "33", "35", "51", "53", "55"],
    },
    "shaped": {"start": "random", "hyperparameters": ["plasticity.gate_error"]},
    "with_momentum": {"start": "random", "momentum": 0.85},
    "elsewhere": {"start": "random", "task": "dms"},
}


def config():
    return config_class().model_validate(
        {"metalearn": {"rules": RULES}, "retrain": {"rules": ["theta_33", "bptt"]}}
    )


def test_starts_of_one_search_have_its_name_and_nothing_else_has():
    found = {name: search_of(config(), name) for name in ("slow", "slow_2", "quick", "quick_2", "rule_33")}
    assert found == {
        "slow": "slow",
        "slow_2": "slow",
        "quick": "quick",
        "quick_2": "quick_2",
        "rule_33": "rule_33",
    }


def test_rules_of_one_class_differ_in_how_they_were_sought_alone():
    of = search_classes(config())
    assert "elsewhere" not in of  # learned on another task
    assert of["slow"] == of["quick"] == of["evolved"] != of["rule_33"]
    assert of["with_momentum"].startswith("odd, momentum 0.85 from random")
    assert of["shaped"].startswith("odd, shaped gate from random")
    assert rivals_of_evolved(config()) == {
        "evolved": ["slow", "slow_2", "quick", "quick_2", "written_out"],
        "evolved_few": ["few"],
    }
