from typing import get_args

import pandas as pd
import pytest
import torch

from threefactor.experiment import build, build_rule, rules
from threefactor.experiment.settings.errors import SettingsError
from threefactor.experiment.settings.plasticity import Plasticity
from threefactor.experiment.view import everything
from threefactor.pipeline.settings import load
from threefactor.training.environment import experience
from threefactor.training.trial import learn, start_learning


def parse(raw):
    return everything(load.parse(raw))


SETTINGS = parse({"plasticity": {"eligibility_time_ms": 200.0, "weight_time_ms": 5000.0}})
CPU = torch.device("cpu")


def test_a_learned_rule_and_its_start_take_their_own_columns():
    theta = pd.DataFrame({"k": [1, 3], "l": [5, 3], "start": [0.1, 0.2], "theta": [0.3, 0.4]})
    learned = build_rule.learning_rule(SETTINGS, "learned_random", theta, CPU).params.theta
    start = build_rule.learning_rule(SETTINGS, "start_learned_random", theta, CPU).params.theta
    assert [learned[1, 5].item(), learned[3, 3].item()] == pytest.approx([0.3, 0.4])
    assert [start[1, 5].item(), start[3, 3].item()] == pytest.approx([0.1, 0.2])
    assert learned.count_nonzero() == 2


def test_times_become_decays():
    rule = build_rule.learning_rule(SETTINGS, "theta_21", None, CPU)
    assert rule.params.eligibility_decay == pytest.approx(1 - 10 / 200)
    assert rule.params.weight_decay == pytest.approx(1000 / 5000)
    assert build.network(SETTINGS, [0], CPU, purpose="test").leak == pytest.approx(0.1)
    plain = build_rule.learning_rule(parse({}), "theta_21", None, CPU).params
    assert (plain.eligibility_decay, plain.weight_decay) == (1, 0)


@pytest.mark.parametrize(
    ("delay", "key", "value", "allowed"),
    [(900.0, "weight_time_ms", 1100.0, "at least 1700.0 "), (10.0, "onset_steps", 85, "less than 81,")],
)
def test_what_happens_within_a_trial_fits_into_one_with_its_delay(delay, key, value, allowed):
    raw = {"task": {"delay_ms": delay}, "plasticity": {key: value}}
    with pytest.raises(SettingsError, match=rf"^plasticity\.{key} = {value}: must be {allowed}.*'dnms'"):
        build.environment(parse(raw))
    build.environment(parse({"plasticity": {key: value}}))


def test_the_sign_of_a_monomial_follows_the_power_of_the_deviation():
    assert build_rule.learning_rule(SETTINGS, "theta_21", None, CPU).params.theta[2, 1] == -1
    assert build_rule.learning_rule(SETTINGS, "theta_12", None, CPU).params.theta[1, 2] == 1


@pytest.mark.parametrize("deviation", ["raw", "normalised", "standardised"])
def test_a_rule_of_one_term_can_have_a_deviation_of_its_own(deviation):
    """Whatever the settings say, and as if they said so."""
    named = f"theta_13_{deviation}"
    wanted = parse({"precision": "float64", "plasticity": {"deviation": deviation, "warm_up_trials": 0}})
    exact = build_rule.learning_rule(wanted, "theta_13", None, CPU)
    for other in ("raw", "standardised"):
        settings = wanted.changed({"plasticity.deviation": other})
        found = build_rule.learning_rule(settings, named, None, CPU)
        net, environment = build.network(settings, range(2), CPU, purpose="test"), build.environment(settings)
        learners = [start_learning(rule, net, 4) for rule in (found, exact)]
        for h in range(6):
            sampled = experience(environment, net, h, generator=build.noise(settings, "test")(h))
            learners = [
                learn(rule, learner, *sampled)[0]
                for rule, learner in zip((found, exact), learners, strict=True)
            ]
        assert torch.equal(learners[0].network.weights, learners[1].network.weights)
        assert not torch.equal(learners[0].network.weights, net.weights)
    assert (exact.params.standard is None) == (deviation == "raw")


@pytest.mark.parametrize(("bound", "wanted"), [("", float("inf")), (2.5, 2.5)])
def test_a_deviation_is_bounded_where_the_settings_say_so(bound, wanted):
    settings = parse({"plasticity": {"deviation": "normalised", "deviation_bound": bound}})
    assert build_rule.learning_rule(settings, "theta_33", None, CPU).params.standard.bound == wanted


def test_names_of_rules_of_one_term_have_the_deviations_of_the_settings():
    allowed = get_args(Plasticity.model_fields["deviation"].annotation)
    for deviation in allowed:
        assert rules.exists(SETTINGS, f"theta_33_{deviation}")
        assert rules.is_taken(f"theta_33_{deviation}")
        assert f"_{deviation}" in rules.choices(SETTINGS)
    assert not rules.exists(SETTINGS, "theta_33_other")
    assert not rules.is_taken("theta_33_other")
    assert rules.file_of("theta_33_standardised") == "polynomial"


@pytest.mark.parametrize("name", ["rflo", "eprop"])
@pytest.mark.parametrize("readout", ["unit", "random"])
def test_random_feedback_is_drawn_once_and_an_output_unit_gets_its_own_error(name, readout):
    tree = {"network": {"readout": readout}, "learning_rules": {name: {"feedback": "random"}}}
    first, again, other = (
        build_rule.learning_rule(parse({**tree, "seed": seed}), name, None, CPU).params.broadcast
        for seed in (1, 1, 2)
    )
    assert torch.equal(first, again)
    assert not torch.allclose(first, other)
    assert first.dtype == torch.float32
    assert first.shape == (1, 128)
    assert (first[0, 0] == 1) == (readout == "unit")
    assert first[0, 1:].std().item() == pytest.approx(128**-0.5, rel=0.2)


def test_rflo_and_eprop_have_settings_of_their_own():
    tree = {"rflo": {"feedback": "symmetric", "learning_rate": 0.5}, "eprop": {"learning_rate": 0.25}}
    settings = parse({"learning_rules": tree})
    rflo, eprop = (build_rule.learning_rule(settings, name, None, CPU).params for name in ("rflo", "eprop"))
    assert (rflo.learning_rate, eprop.learning_rate) == (0.5, 0.25)
    assert rflo.clip == eprop.clip == settings.plasticity.clip
    assert rflo.broadcast is None
    assert eprop.broadcast is None
    assert build_rule.learning_rule(parse({}), "rflo", None, CPU).params.broadcast is not None
