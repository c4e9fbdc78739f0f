"""What a distribution of conditions must be: refused in one line that names the key."""

import pytest

from threefactor.experiment.settings.errors import SettingsError
from threefactor.pipeline.settings import load

GAIN = {"network.gain": {"between": [1.3, 1.8]}}
STEPS = {"network.time_step_ms": {"among": [5.0, 10.0]}}


def settings(spreads, rule=None, **metalearn):
    learned = {"start": "theta_33", "conditions": 2, "networks": 4, **(rule or {})}
    block = {"distribution": spreads, "rules": {"a": learned}, **metalearn}
    return load.parse({"metalearn": block, "retrain": {"rules": ["theta_33"]}}, "file.yaml")


def spread(key, **values):
    return {"spreads": {key: values}}


def over(spreads=GAIN, **rule):
    return {"spreads": spreads, "rule": rule}


WRONG = {
    "an unknown key": (spread("network.gains", among=[1.0]), "metalearn.distribution.network.gains: "),
    "a key of another group": (spread("plasticity.clip", among=[1e-3]), "distribution.plasticity.clip: "),
    "a group": (spread("network.clamped", among=[1]), "distribution.network.clamped: "),
    "no choice": (spread("network.gain", among=[]), "distribution.network.gain: "),
    "nothing": (spread("network.gain"), "distribution.network.gain: "),
    "both": (spread("network.gain", among=[1.0], between=[1.0, 2.0]), "distribution.network.gain: "),
    "one bound": (spread("network.gain", between=[1.0]), "distribution.network.gain.between = [1.0]"),
    "bounds in reverse": (spread("network.gain", between=[2.0, 1.0]), "network.gain.between = [2.0, 1.0]"),
    "a bound of zero": (spread("network.gain", between=[0.0, 1.0]), "network.gain.between.0 = 0.0"),
    "a bound out of range": (spread("network.density", between=[0.5, 2.0]), "network.density = 2.0"),
    "a share of a unit": (spread("network.units", between=[64.5, 128]), "network.units: 64.5"),
    "a text as a number": (spread("network.gain", among=["much"]), "network.gain = 'much'"),
    "times between steps": (
        spread("network.time_step_ms", between=[5.0, 20.0]),
        "network.time_step_ms.between = [5.0, 20.0]",
    ),
    "a step that divides no trial": (
        spread("network.time_step_ms", among=[10.0, 15.0]),
        "task.duration_ms = 1000.0",
    ),
    "no such task": (spread("task.name", among=["dnms", "dnm"]), "task.name = 'dnm'"),
    "a pair that does not fit": (
        {"spreads": {**STEPS, "task.delay_ms": {"among": [200.0, 205.0]}}},
        "task.delay_ms = 205.0",
    ),
    "a step that is no eligibility": (
        over({"network.time_step_ms": {"among": [10.0, 20.0]}}, eligibility_time_ms=15.0),
        "a.eligibility_time_ms = 15.0",
    ),
    "conditions of nothing": (over({}), "metalearn.rules.a.conditions = 2"),
    "more conditions than networks": (over(conditions=5), "metalearn.rules.a.conditions = 5"),
    "few held-out networks": (
        {"spreads": GAIN, "held_out_networks": 4},
        "metalearn.held_out_conditions = 8",
    ),
    "two tasks": (over({"task.name": {"among": ["dnms", "dms"]}}, task="dms"), "a.task = 'dms'"),
    "a hyperparameter that is drawn": (
        over({"perturbation.size": {"among": [0.5]}}, hyperparameters=["perturbation.size"]),
        "a.hyperparameters = ['perturbation.size']",
    ),
    "a hyperparameter per step": (
        over(STEPS, hyperparameters=["plasticity.trace_decay"]),
        "a.hyperparameters = ['plasticity.trace_decay']",
    ),
}


@pytest.mark.parametrize(("given", "words"), WRONG.values(), ids=WRONG)
def test_what_contradicts_itself_is_refused_in_one_line(given, words):
    with pytest.raises(SettingsError) as refused:
        settings(**given)
    line = str(refused.value)
    assert line.startswith("file.yaml: metalearn.")
    assert words in line
    assert "\n" not in line


def test_what_fits_is_taken_and_written_and_read_again():
    spreads = {
        **GAIN,
        **STEPS,
        "task.name": {"among": ["dnms", "dpa"]},
        "task.delay_ms": {"among": ["", 400.0]},
        "network.units": {"between": [64, 128]},
    }
    config = settings(spreads, {"hyperparameters": ["plasticity.clip"]})
    assert config.metalearn.distribution["task.name"].among == ("dnms", "dpa")
    assert load.parse(load.dump(config)) == config


def test_a_distribution_that_no_rule_follows_may_not_fit_the_experiment():
    spreads = {"network.time_step_ms": {"among": [10.0, 15.0]}}
    assert settings(spreads, {"conditions": 0}).metalearn.rules["a"].conditions == 0
