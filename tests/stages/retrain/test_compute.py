"""Retraining: the job runs the rule that it names, to its horizon, and networks start alike under every rule."""

import itertools
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
from threefactor.training.evaluation import evaluate
from threefactor.training.trial import learn, start_learning

HORIZONS = {"theta_33": 6, "node_perturbation": 6, "bptt": 5}
LEVELS = (0.9822, 0.5)  # one network is at the first one at once, one later, and one never
SNAPSHOTS = [0, 2, 100]


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
            "criterion": {"window": 4, "horizon": 6},
            "retrain": {
                "networks": 3,
                "batches": 2,
                "rules": list(HORIZONS),
                "horizon": 6,
                "horizons": {"bptt": 5},
                "levels": LEVELS,
                "snapshots": SNAPSHOTS,
            },
            "tracking": {"uri": ""},
        }
    )


def retrained(config, rule, batch):
    spec, values = registry.stages()["retrain"], {"learning_rule": rule, "batch": batch}
    of_job = files.of_job(config, spec, values)
    job.run(compute, config, spec, values, of_job)
    paths = {name: Path(path) for name, path in of_job.outputs.items()}
    found = arrays.load(paths.pop("solutions"), torch.device("cpu"))
    return found, {name: outputs.read_table(path) for name, path in paths.items()}


def own_loop(config, rule):
    """Let networks 3 to 5 learn trial by trial; return them before each trial and after the last."""
    settings, device = everything(config), torch.device("cpu")
    network = build.network(settings, range(3, 6), device, purpose="retrain")
    made, environment = build_rule.learning_rule(settings, rule, None, device), build.environment(settings)
    noise, learner = build.noise(settings, "retrain", 1), start_learning(made, network, 4)
    along = [network]
    for h in range(HORIZONS[rule]):
        learner, _ = learn(made, learner, *experience(environment, network, h, generator=noise(h)))
        along.append(learner.network)
    return along


@pytest.mark.parametrize("rule", HORIZONS)
def test_networks_learn_to_the_horizon_as_in_a_loop_of_ones_own(config, rule):
    (found, tables), along = retrained(config, rule, "1"), own_loop(config, rule)
    assert torch.equal(found["initial.weights"], along[0].weights)
    assert torch.equal(found["final.weights"], along[-1].weights)
    assert (found["final.weights"] != found["initial.weights"]).any()
    assert torch.equal(found["snapshot.weights"], torch.stack([along[0].weights, along[2].weights], 1))
    assert found["snapshot.trial"].tolist() == [[0, 2]] * 3, "no snapshot lies after the horizon"
    assert found["error"].shape == (3, HORIZONS[rule])
    table = tables["networks"]
    assert table.network.tolist() == [3, 4, 5]
    assert table.trials.tolist() == [HORIZONS[rule]] * 3
    assert table.trials_to_criterion.tolist() == [6] * 3, "the horizon of the criterion"
    assert table.error_last.tolist() == pytest.approx(found["error"][:, -4:].mean(1).tolist())


@pytest.mark.parametrize("rule", HORIZONS)
def test_evaluations_and_levels_are_of_the_weights_of_that_loop(config, rule):
    (found, tables), along = retrained(config, rule, "1"), own_loop(config, rule)
    task = build.task(everything(config))
    errors = torch.stack([evaluate(network, task).error for network in along], 1)
    assert tables["networks"].noise_free_error.tolist() == pytest.approx(errors[:, -1].tolist())
    evaluations = tables["evaluations"]
    assert evaluations.trial.tolist() == [*range(HORIZONS[rule] + 1)] * 3, "few trials are all evaluated"
    assert evaluations.error.tolist() == pytest.approx(errors.flatten().tolist())
    levels = tables["levels"].set_index(["network", "level"])
    for b, place in itertools.product(range(3), range(2)):
        first = next((h for h, error in enumerate(errors[b]) if error <= LEVELS[place]), None)
        row = levels.loc[(3 + b, LEVELS[place])]
        assert row.crossed == (first is not None)
        assert row.trials == (HORIZONS[rule] if first is None else first)
        assert found["level.trial"][b, place] == (-1 if first is None else first)
        kept = torch.zeros(12, 12, dtype=torch.float64) if first is None else along[first].weights[b]
        assert torch.equal(found["level.weights"][b, place], kept)
    assert set(levels.crossed) == {True, False}


@pytest.mark.parametrize(
    ("network", "more"),
    [
        ({}, set()),
        ({"density": 0.5}, {"exists"}),
        ({"inhibitory": 0.25, "activation": "relu"}, {"sign"}),
        ({"readout": "random", "feedback": 0.5}, {"feedback_weights"}),
    ],
)
def test_outputs_are_those_that_are_declared(config, network, more):
    changed = config.model_copy(update={"network": config.network.model_copy(update=network)})
    found, tables = retrained(changed, "theta_33", "0")
    declared = {one.name: one for one in ARRAYS["solutions"]}
    assert set(found) == set(declared) - {"exists", "sign", "feedback_weights"} | more
    for name, array in found.items():
        assert array.dim() == len(declared[name].axes.split()), name
    for name, table in tables.items():
        assert list(table.columns) == TABLES[name].names()


def test_every_rule_starts_from_the_same_networks(config):
    (one, _), (other, _) = (retrained(config, rule, "0") for rule in ("theta_33", "bptt"))
    assert torch.equal(one["initial.weights"], other["initial.weights"])
    assert not torch.equal(one["final.weights"], other["final.weights"])
    assert torch.equal(one["snapshot.weights"][:, 0], one["initial.weights"])


def test_batches_have_the_gains_in_turn(config):
    changed = config.model_copy(update={"retrain": config.retrain.model_copy(update={"gains": (0.5, 1.5)})})
    (one, low), (other, high) = (retrained(changed, "theta_33", batch) for batch in ("0", "1"))
    assert set(low["networks"].gain) == {0.5}
    assert set(high["networks"].gain) == {1.5}
    settings = everything(changed)
    assert registry.stages()["retrain"].accepts(changed, {"learning_rule": "bptt", "batch": "3"}) is None
    for found, gain, ids in ((one, 0.5, range(3)), (other, 1.5, range(3, 6))):
        own = settings.changed({"network.gain": gain})
        drawn = build.network(own, ids, torch.device("cpu"), purpose="retrain")
        assert torch.equal(found["initial.weights"], drawn.weights)


@pytest.mark.parametrize(("rule", "batch"), [("nonsense", "0"), ("theta_33", "2"), ("theta_33", "x")])
def test_a_rule_or_batch_that_is_not_there_is_refused(config, rule, batch):
    spec = registry.stages()["retrain"]
    assert spec.accepts(config, {"learning_rule": rule, "batch": batch})
    assert spec.accepts(config, {"learning_rule": "theta_15", "batch": "0"}) is None


@pytest.mark.parametrize(
    ("rule", "group", "changed", "words"),
    [
        ("force", "network", {"readout": "unit"}, "network.readout = 'random'"),
        ("bptt", "task", {"reward": "correct"}, "access to the reward alone"),
    ],
)
@pytest.mark.parametrize("stage", ["retrain", "tune", "transfer"])
def test_a_rule_that_cannot_learn_here_is_refused_by_hand_too(config, stage, rule, group, changed, words):
    values = {"learning_rule": rule, "tuned_rule": rule, "batch": "0", "condition": "sparse_large"}
    other = config.model_copy(update={group: getattr(config, group).model_copy(update=changed)})
    assert words in registry.stages()[stage].accepts(other, values)
