"""Networks of every kind from the settings on: learning rules keep what synapses are, and later stages know of it."""

import pytest
import torch

from threefactor.cli.main import main
from threefactor.experiment import build, build_rule, rules
from threefactor.experiment.settings.errors import SettingsError
from threefactor.experiment.solutions import network_of
from threefactor.experiment.view import everything
from threefactor.pipeline.settings import load
from threefactor.pipeline.storage import arrays, outputs
from threefactor.training.followed_run import Plan, follow, start_following

TREE = {
    "device": "cpu",
    "precision": "float64",
    "task": {"duration_ms": 200.0},
    "network": {"units": 16, "density": 0.6, "inhibitory": 0.3, "activation": "softplus", "gain": 0.3},
    "perturbation": {"kind": "gaussian", "noise": 0.2},
    "plasticity": {"warm_up_trials": 0, "learning_rate": 0.5, "clip": 0.05},
    "criterion": {"window": 10, "error": 0.01, "horizon": 12},
    "metalearn": {"trials": 4, "held_out_trials": 4, "rules": {"learned": {"start": "random"}}},
    "retrain": {
        "rules": ["theta_33"], "networks": 3, "batches": 1, "snapshots": [0, 5], "horizon": 12,
    },
    "learning_rules": {
        "bptt": {"learning_rate": 0.03}, "rflo": {"learning_rate": 3.0}, "eprop": {"learning_rate": 3.0},
        "exploratory_hebb": {"learning_rate": 0.01},
        "full_force": {"regularisation": 10.0},  # with less, rates of softplus without bound run away
    },
    "align": {
        "batches": 1, "snapshots": [0], "burn_in": 4, "blocks": 4, "draws": 1, "quiet_draws": 1,
        "descent_trials": 4, "subspace_along": "",
    },
    "tracking": {"uri": ""},
}  # fmt: skip
CPU = torch.device("cpu")


def followed(name):
    """Let networks learn by a rule, with a readout that can be moved where it moves it; return them and all weights."""
    moves = rules.about(name).moves_readout
    readout = {"readout": "random"} if moves else {}
    settings = everything(load.parse({**TREE, "network": {**TREE["network"], **readout}}))
    net = build.network(settings, range(4), CPU, purpose="test")
    rule = build_rule.learning_rule(settings, name, None, CPU)
    every = range(1, 12)
    plan = Plan(12, build.criterion(settings), (), (*every, 12), every)
    setting = rule, net, build.environment(settings), plan
    done = follow(start_following(*setting), *setting, 12, generator=build.noise(settings, "test"))
    assert not done.diverged.any()
    assert (done.snapshots.output_weights != net.output_weights[:, None]).any() == moves
    return net, done.snapshots.weights


@pytest.mark.parametrize("name", ["theta_33", *(name for name in rules.files() if name != "force")])
def test_every_learning_rule_keeps_signs_and_makes_no_synapse(name):
    net, weights = followed(name)
    exists = net.exists[:, None]
    assert (weights.masked_fill(exists, 0) == 0).all()
    assert (net.sign * weights >= 0).all()
    assert (weights != net.weights[:, None]).any()
    assert ((weights == 0) & exists).any()


def test_force_moves_the_readout_alone_since_constrained_synapses_take_no_feedback():
    net, weights = followed("force")
    assert (weights == net.weights[:, None]).all()
    with pytest.raises(SettingsError, match=r"network\.feedback"):
        load.parse({**TREE, "network": {**TREE["network"], "readout": "random", "feedback": 0.5}})


def test_solutions_bring_their_synapses_to_the_stages_that_follow(tmp_path):
    path = tmp_path / "tiny.yaml"
    load.save(load.parse({**TREE, "results": f"{tmp_path}/results"}), path)
    words = ["--learning-rule", "theta_33", "--batch", "0", "--config", str(path)]
    assert main(["retrain", *words]) == 0
    solutions = arrays.load(tmp_path / "results/retrain/theta_33/0.safetensors")
    settings = everything(load.load(path))
    drawn = build.network(settings, range(3), CPU, purpose="retrain")
    found = network_of(solutions, "initial", "softplus")
    for one, other in zip(found, drawn, strict=True):
        assert torch.equal(one, other) if isinstance(one, torch.Tensor) else one == other
    assert main(["align", *words]) == 0
    table = outputs.read_table(tmp_path / "results/align/theta_33/0.csv")
    assert table.cosine.notna().any()
