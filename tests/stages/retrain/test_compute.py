"""Retraining: the job runs the rule that it names, and networks start alike under every rule."""

from pathlib import Path

import pytest
import torch

from threefactor.experiment import build, build_rule
from threefactor.experiment.view import everything
from threefactor.pipeline import files, job, registry
from threefactor.pipeline.settings import load
from threefactor.pipeline.storage import arrays, outputs
from threefactor.stages.retrain.compute import compute
from threefactor.stages.retrain.tables import ARRAYS, TABLES
from threefactor.training.environment import experience
from threefactor.training.trial import learn, start_learning

HORIZON = 6


@pytest.fixture
def config(tmp_path):
    return load.parse(
        {
            "results": str(tmp_path),
            "device": "cpu",
            "precision": "float64",
            "network": {"units": 12},
            "perturbation": {"rate_per_ms": 0.02},
            "plasticity": {"warm_up_trials": 1},
            "criterion": {"window": 4, "horizon": HORIZON},
            "retrain": {
                "networks": 3,
                "batches": 2,
                "rules": ["theta_33", "node_perturbation", "bptt"],
                "snapshots": [0, 2, 100],
            },
            "tracking": {"uri": ""},
        }
    )


def retrained(config, rule, batch):
    spec, values = registry.stages()["retrain"], {"learning_rule": rule, "batch": batch}
    of_job = files.of_job(config, spec, values)
    job.run(compute, config, spec, values, of_job)
    paths = {name: Path(path) for name, path in of_job.outputs.items()}
    return arrays.load(paths["solutions"], torch.device("cpu")), outputs.read_table(paths["networks"])


@pytest.mark.parametrize("rule", ["theta_33", "node_perturbation", "bptt"])
def test_networks_learn_as_in_a_loop_of_ones_own(config, rule):
    found, table = retrained(config, rule, "1")
    settings, device = everything(config), torch.device("cpu")
    network = build.network(settings, range(3, 6), device, purpose="retrain")
    made, environment = build_rule.learning_rule(settings, rule, None, device), build.environment(settings)
    noise, learner = build.noise(settings, "retrain", 1), start_learning(made, network, 4)
    for h in range(HORIZON):
        learner, _ = learn(made, learner, *experience(environment, network, h, generator=noise(h)))
    torch.testing.assert_close(found["initial.weights"], network.weights, rtol=0, atol=0)
    torch.testing.assert_close(found["final.weights"], learner.network.weights, rtol=0, atol=0)
    assert (found["final.weights"] != found["initial.weights"]).any()
    assert table.network.tolist() == [3, 4, 5]
    assert table.trials_to_criterion.tolist() == [HORIZON] * 3
    assert table.error_last.tolist() == pytest.approx(found["error"][:, -4:].mean(1).tolist())


@pytest.mark.parametrize(
    ("network", "more"),
    [({}, set()), ({"density": 0.5}, {"exists"}), ({"inhibitory": 0.25, "activation": "relu"}, {"sign"})],
)
def test_outputs_are_those_that_are_declared(config, network, more):
    changed = config.model_copy(update={"network": config.network.model_copy(update=network)})
    found, table = retrained(changed, "theta_33", "0")
    declared = {one.name: one for one in ARRAYS["solutions"]}
    assert set(found) == set(declared) - {"exists", "sign"} | more
    for name, array in found.items():
        assert array.dim() == len(declared[name].axes.split()), name
    assert list(table.columns) == TABLES["networks"].names()


def test_every_rule_starts_from_the_same_networks(config):
    (one, _), (other, _) = (retrained(config, rule, "0") for rule in ("theta_33", "bptt"))
    assert torch.equal(one["initial.weights"], other["initial.weights"])
    assert not torch.equal(one["final.weights"], other["final.weights"])
    assert torch.equal(one["snapshot.weights"][:, 0], one["initial.weights"])


@pytest.mark.parametrize(("rule", "batch"), [("nonsense", "0"), ("theta_33", "2"), ("theta_33", "x")])
def test_a_rule_or_batch_that_is_not_there_is_refused(config, rule, batch):
    spec = registry.stages()["retrain"]
    assert spec.accepts(config, {"learning_rule": rule, "batch": batch})
    assert spec.accepts(config, {"learning_rule": "theta_15", "batch": "0"}) is None
