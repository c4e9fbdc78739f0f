"""Learning runs under conditions that are drawn: the same for all rules, within bounds, others held out."""

import math

import pytest
import torch

from threefactor.experiment import learning_runs
from threefactor.experiment.learned_rules import effective
from threefactor.experiment.settings.errors import SettingsError
from threefactor.experiment.view import everything
from threefactor.pipeline.settings import load

CPU = torch.device("cpu")
SPREADS = {
    "task.name": {"among": ["dnms", "dpa", "pulses"]},
    "task.delay_ms": {"among": [40.0, 80.0]},
    "network.units": {"between": [14, 20]},
    "network.time_step_ms": {"among": [5.0, 10.0, 20.0]},
    "network.gain": {"between": [1.3, 1.8]},
    "perturbation.size": {"between": [0.25, 1.5]},
}
RULES = {
    "first": {"start": "theta_33", "conditions": 4, "networks": 7},
    "second": {"start": "random", "conditions": 3, "networks": 3, "terms": ["11", "33"]},
    "plain": {"start": "theta_33", "networks": 3},
}


def source(key="first", seed=1, spreads=SPREADS, **plasticity):
    config = load.parse(
        {
            "seed": seed,
            "precision": "float64",
            "task": {"duration_ms": 200.0},
            "plasticity": {"warm_up_trials": 2, **plasticity},
            "metalearn": {
                "trials": 6,
                "steps": 3,
                "held_out_trials": 6,
                "distribution": spreads,
                "rules": RULES,
            },
            "retrain": {"rules": ["theta_33"]},
        },
        "file.yaml",
    )
    return learning_runs.source(everything(effective(config, {"learned_rule": key})), key, CPU)


def values(shares):
    return [dict(share.values) for share in shares]


def test_conditions_are_those_of_seed_and_step_for_all_rules():
    drawn = values(learning_runs.of_step(source(), 1))
    assert values(learning_runs.of_step(source(), 1)) == drawn
    assert values(learning_runs.of_step(source("second"), 1)) == drawn[:3]
    assert values(learning_runs.of_step(source(), 2)) != drawn
    assert values(learning_runs.of_step(source(seed=2), 1)) != drawn
    alone = {"network.gain": SPREADS["network.gain"]}
    gains = [{"network.gain": one["network.gain"]} for one in drawn]
    assert values(learning_runs.of_step(source(spreads=alone), 1)) == gains, "a key does not depend on others"


def test_values_are_within_bounds_and_uniform_in_the_logarithm():
    made = source()._replace(conditions=300)
    drawn = values(learning_runs.of_step(made, 0))
    for key, spread in SPREADS.items():
        found = [one[key] for one in drawn]
        if "among" in spread:
            assert set(found) == set(spread["among"])
        else:
            low, high = spread["between"]
            assert low <= min(found) < max(found) <= high
            below = sum(value < math.sqrt(low * high) for value in found)
            assert abs(below - 150) < 45, (
                "half of them are below the middle, give or take five standard errors"
            )
    assert all(isinstance(one["network.units"], int) for one in drawn)


def test_networks_are_shared_evenly_and_none_is_drawn_twice():
    shares = learning_runs.of_step(source(), 2)
    assert [len(share.ids) for share in shares] == [1, 2, 2, 2]
    assert [number for share in shares for number in share.ids] == list(range(14, 21))


def test_held_out_conditions_are_others():
    made = source()
    held_out = learning_runs.of_held_out(made, 8)
    assert len(held_out) == 8
    of_steps = [one for step in range(3) for one in values(learning_runs.of_step(made, step))]
    assert not any(one in of_steps for one in values(held_out))


def test_a_sample_follows_its_condition():
    made = source(trace_decay=0.2, onset_steps=2)
    for share, sample in zip(learning_runs.of_step(made, 0), learning_runs.draw(made, 0, {}), strict=True):
        step = share.values["network.time_step_ms"]
        trials = list(sample.experiences)
        assert len(trials) == 6
        units = share.values["network.units"]
        assert trials[0].perturbation.shape[::2] == (len(share.ids), units)
        assert sample.learner.network.weights.shape == (len(share.ids), units, units)
        assert sample.learner.network.leak == step / 100.0
        assert sample.rule.params.trace_decay == pytest.approx(0.2 ** (step / 10.0))
        bound = share.values["perturbation.size"]
        jump = sample.learner.network.leak * max(trial.perturbation.abs().max().item() for trial in trials)
        assert 0 < jump <= bound


def test_noise_differs_between_conditions_that_are_alike():
    spreads = {"network.gain": {"among": [1.5]}}
    samples = learning_runs.draw(source("second", spreads=spreads), 0, {})
    starts = [next(iter(sample.experiences)).start for sample in samples]
    assert (starts[0] != starts[1]).any()
    held_out = learning_runs.draw_held_out(source("second", spreads=spreads), 8, 6, {})
    draws = [torch.rand(3, generator=one.generator(0)) for one in held_out[:2]]
    assert (draws[0] != draws[1]).all()


def test_a_rule_without_conditions_learns_under_the_settings_alone():
    made = source("plain")
    assert values(learning_runs.of_step(made, 0)) == values(learning_runs.of_held_out(made, 8)) == [{}]
    (sample,) = learning_runs.draw(made, 0, {})
    assert sample.learner.network.weights.shape == (3, 128, 128)
    assert made.settings.metalearn.distribution == {}


def test_a_condition_that_contradicts_itself_is_refused_before_learning():
    learning_runs.expect_fit(source(), 8)
    made = source()
    broken = made._replace(settings=made.settings.changed({"plasticity.weight_time_ms": 210.0}))
    with pytest.raises(SettingsError, match=r"plasticity\.weight_time_ms = 210\.0"):
        learning_runs.expect_fit(broken, 8)
    learning_runs.expect_fit(broken._replace(conditions=0), 8)
