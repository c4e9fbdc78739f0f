import pandas as pd
import pytest
import torch

from threefactor.experiment import build, build_rule, rules
from threefactor.experiment.settings.errors import SettingsError
from threefactor.experiment.view import everything
from threefactor.pipeline.settings import load
from threefactor.pipeline.storage.trees import flatten
from threefactor.training.batch import select
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


def tensors(learner):
    """List the tensors that a learner carries from trial to trial."""
    return list(flatten((learner.network.weights, learner.memory, learner.baseline)).arrays.values())


@pytest.mark.parametrize("name", ["theta_33", *rules.files()])
def test_every_learning_rule_keeps_the_contract(name):
    """Shapes, the same answer twice, untouched inputs, nothing for clamped units, something for others."""
    network = {"readout": "random", "feedback": 0.5} if rules.about(name).moves_readout else {}
    settings = parse({"precision": "float64", "plasticity": {"warm_up_trials": 0}, "network": network})
    rule = build_rule.learning_rule(settings, name, None, CPU)
    net, environment = build.network(settings, range(3), CPU, purpose="test"), build.environment(settings)
    learner = start_learning(rule, net, 4)
    for h in range(5):  # the first trial of a type has no reward prediction error
        sampled = experience(environment, net, h, generator=build.noise(settings, "test")(h))
        before = net.weights.clone(), [part.clone() for part in tensors(learner)]
        (after, first), (_, second) = (learn(rule, learner, *sampled) for _ in range(2))
        assert torch.equal(first.update, second.update)
        for part, kept in zip(tensors(learner), before[1], strict=True):
            assert torch.equal(part.nan_to_num(), kept.nan_to_num())
        learner = after
    assert torch.equal(net.weights, before[0])
    assert first.update.shape == net.weights.shape
    assert first.update.isfinite().all()
    assert (first.update[:, net.clamped] == 0).all()
    assert (first.update[:, 0] != 0).any()
    alone = select(learner, slice(1, 2))
    update = learn(rule, alone, *select(sampled, slice(1, 2)))[1].update
    torch.testing.assert_close(update, learn(rule, learner, *sampled)[1].update[1:2], rtol=1e-9, atol=1e-15)


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
