"""What retraining makes of tuned constants: a loop with them gives the same weights."""

import pytest
import torch

from stages.tune.tuned_runs import CPU, HORIZON, config, ran
from threefactor.experiment import build, build_rule, rules
from threefactor.experiment.view import everything
from threefactor.pipeline.storage import arrays, outputs
from threefactor.stages.retrain.compute import compute as retrain
from threefactor.stages.tune.compute import compute
from threefactor.training.environment import experience
from threefactor.training.trial import learn, start_learning


def retrained(settings, rule, constants):
    """Return the weights after learning, as a job writes them and as a loop with these constants gives them."""
    path = ran("retrain", retrain, settings, learning_rule=rule, batch="0")["solutions"]
    view = everything(settings)
    network = build.network(view, range(2), CPU, purpose="retrain")
    made = build_rule.learning_rule(view.changed(constants), rule, None, CPU)
    environment, noise = build.environment(view), build.noise(view, "retrain", 0)
    learner = start_learning(made, network, 4)
    for h in range(HORIZON):
        learner, _ = learn(made, learner, *experience(environment, network, h, generator=noise(h)))
    found = arrays.load(path, CPU)
    return [
        (found[f"final.{name}"], getattr(learner.network, name)) for name in ("weights", "output_weights")
    ]


@pytest.mark.parametrize("rule", ["theta_33", "force"])
def test_retraining_uses_what_tuning_found_and_not_the_constants_of_the_settings(rule, tmp_path):
    key = next(iter(rules.tuned_keys(rule)))
    settings = config(tmp_path, constants={rule: {key: 7.0}})
    table = outputs.read_table(ran("tune", compute, settings, tuned_rule=rule)["tuned"])
    assert (table["value"] != table["usual"]).any(), "the test would see no difference"
    constants = dict(zip(table["name"], table["value"], strict=True))
    if rule == "force":
        constants["learning_rules.force.interval"] = int(constants["learning_rules.force.interval"])
    for found, expected in retrained(settings, rule, constants):
        torch.testing.assert_close(found, expected, rtol=0, atol=0)


@pytest.mark.parametrize(
    ("rule", "constants"),
    [
        ("theta_33", {"plasticity.learning_rate": 0.7}),
        ("force", {"learning_rules.force.interval": 3, "learning_rules.force.regularisation": 0.5}),
    ],
)
def test_retraining_uses_constants_of_the_settings_where_nothing_is_tuned(rule, constants, tmp_path):
    given = {rule: {key: float(value) for key, value in constants.items()}, "rflo": {"plasticity.clip": 1.0}}
    found = retrained(config(tmp_path, rules=[], constants=given), rule, constants)
    for weights, expected in found:
        torch.testing.assert_close(weights, expected, rtol=0, atol=0)
    without = retrained(config(tmp_path / "without", rules=[]), rule, {})
    assert any(not torch.equal(one[0], other[0]) for one, other in zip(found, without, strict=True))
