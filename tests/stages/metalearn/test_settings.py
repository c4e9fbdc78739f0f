"""Settings of meta-learning: starts, and what contradicts itself."""

import pytest

from threefactor.experiment import hyperparameters
from threefactor.experiment.settings.errors import SettingsError
from threefactor.pipeline.settings import load
from threefactor.stages.metalearn.hyperparameters import Hyperparameter

RATE = "perturbation.rate_per_ms"
TIMES = {"eligibility_time_ms": 800.0, "weight_time_ms": 50_000.0}


def settings(metalearn, **others):
    return load.parse({"metalearn": metalearn, "retrain": {"rules": ["theta_33"]}, **others}, "file.yaml")


def test_written_and_read_again_several_starts_are_the_same_rules():
    config = settings({"rules": {"a": {"start": "random", "starts": 3}, "b": {"start": "theta_33"}}})
    assert list(config.metalearn.rules) == ["a", "a_2", "a_3", "b"]
    assert load.parse(load.dump(config)) == config


def test_every_hyperparameter_is_known_to_the_core():
    assert list(hyperparameters.IN_CORE) == list(Hyperparameter.__args__)


def learned(*keys, **more):
    return {"rules": {"a": {"start": "theta_33", "hyperparameters": list(keys), **more}}}


def one(**rule):
    return {"rules": {"a": rule}}


WRONG = {
    "starts of no random start": (one(start="theta_33", starts=2), {}, "'a' = 2"),
    "a start whose name is taken": (
        {"rules": {"a": {"start": "random", "starts": 2}, "a_2": {"start": "random"}}},
        {},
        "a_2",
    ),
    "rank of a list": (one(start="random", terms=["11", "33"], rank=1), {}, "a.rank = 1"),
    "rank and sparsity": (one(start="random", rank=1, sparsity=0.1), {}, "a.sparsity = 0.1"),
    "memory without tangents": (
        one(start="random", estimator="evolution", memory=3),
        {},
        "a.memory = 3",
    ),
    "no such task": (one(start="random", task="dnm"), {}, "a.task = 'dnm'"),
    "fast decay": (one(start="random", eligibility_time_ms=5.0), {}, "a.eligibility_time_ms = 5.0"),
    "one network": (one(start="random", networks=1), {}, "a.networks = 1"),
    "few trials": (one(start="random", trials=20), {}, "a.trials = 20"),
    "a short curriculum": ({"curriculum": [0.05, 1.0]}, {}, "metalearn.curriculum = [0.05, 1.0]"),
    "patience without a score": ({"patience": 2, "held_out_networks": 0}, {}, "metalearn.patience = 2"),
    "a score of hyperparameters": (
        learned("plasticity.clip", estimator="score_local", noise=0.5),
        {},
        "a.hyperparameters = ['plasticity.clip']",
    ),
    "a score with momentum": (
        one(start="random", estimator="score_local", noise=0.5),
        {"plasticity": {"momentum": 0.5}},
        "plasticity.momentum = 0.5",
    ),
    "a score with its own momentum": (
        one(start="random", estimator="score_local", noise=0.5, momentum=0.5),
        {},
        "a.momentum = 0.5",
    ),
    "a score with normalised updates": (
        one(start="random", estimator="score_local", noise=0.5, update_size=0.01),
        {},
        "a.update_size = 0.01",
    ),
    "a clip of normalised updates": (
        learned("plasticity.clip", update_size=0.01),
        {},
        "a.hyperparameters: plasticity.clip must not",
    ),
    "a size of updates that are not normalised": (
        learned("plasticity.update_size"),
        {},
        "plasticity.update_size = ''",
    ),
    "a rate without evolution": (learned(RATE), {}, "a.estimator = 'reverse'"),
    "a scale twice": ({"norm": 0.0, **learned("plasticity.learning_rate")}, {}, "a.norm = 0"),
    "a hyperparameter twice": (learned("plasticity.clip", "plasticity.clip"), {}, "a.hyperparameters = "),
    "a time that is none": (learned("plasticity.weight_time_ms"), {}, "plasticity.weight_time_ms = ''"),
    "no weights to depend on": (
        learned("plasticity.weight_linear"),
        {"network": {"gain": 0.0}},
        "network.gain = 0.0",
    ),
    "no baseline exponent": (
        learned("plasticity.baseline_exponent"),
        {"plasticity": {"baseline_exponent": 0.0}},
        "plasticity.baseline_exponent = 0.0",
    ),
    "perturbations that could not come more often": (
        learned(RATE, estimator="evolution"),
        {"perturbation": {"rate_per_ms": 0.02}},
        "perturbation.rate_per_ms = 0.02",
    ),
    "the size of perturbations under noise": (
        learned("perturbation.size"),
        {"perturbation": {"kind": "gaussian"}},
        "perturbation.kind = 'gaussian'",
    ),
    "noise under sparse perturbations": (learned("perturbation.noise"), {}, "perturbation.kind = 'sparse'"),
    "a smoothed error rate of another reward": (
        one(start="theta_33", objective="smoothed_error_rate"),
        {"task": {"reward": "squared"}},
        "a.objective = 'smoothed_error_rate'",
    ),
    "a mean of what is not centred": (
        learned("plasticity.deviation_mean_ms", deviation="normalised"),
        {},
        "a.deviation = 'normalised': must be 'standardised'",
    ),
    "a floor of the raw deviation": (
        learned("plasticity.deviation_floor"),
        {},
        "plasticity.deviation = 'raw': must be 'normalised' or 'standardised'",
    ),
    "a bound that is none": (
        learned("plasticity.deviation_bound", deviation="standardised"),
        {},
        "plasticity.deviation_bound = ''",
    ),
    "no such hyperparameter": (learned("network.gain"), {}, "a.hyperparameters.0 = 'network.gain'"),
}


def test_constants_of_a_deviation_are_learned_where_it_has_them():
    keys = [f"plasticity.deviation_{name}" for name in ("mean_ms", "rms_ms", "floor", "bound")]
    for rule, usual in (("standardised", "raw"), ("", "standardised")):
        plasticity = {"deviation": usual, "deviation_bound": 3.0}
        config = settings(learned(*keys, deviation=rule), plasticity=plasticity)
        assert list(config.metalearn.rules["a"].hyperparameters) == keys


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_named_in_one_line(case):
    metalearn, others, place = WRONG[case]
    with pytest.raises(SettingsError) as raised:
        settings(metalearn, **others)
    assert place in str(raised.value)
    assert "\n" not in str(raised.value)
