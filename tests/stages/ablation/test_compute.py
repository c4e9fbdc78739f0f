"""The ablation of a small experiment, from settings to table."""

import pandas as pd
import pytest
import torch
import yaml

from threefactor.cli.main import main
from threefactor.derivatives import two_pass
from threefactor.derivatives.end_of_trial import start_tangents
from threefactor.experiment import build, build_rule
from threefactor.experiment.view import everything
from threefactor.pipeline.settings import load
from threefactor.stages.ablation.tables import TABLES
from threefactor.training.environment import experience
from threefactor.training.trial import learn, start_learning

NETWORKS, WARM_UP, HORIZONS = 3, 4, (10, 16)
TERMS = {
    "k": [1, 3, 3],
    "l": [1, 3, 5],
    "start": 0.0,
    "theta": [0.002, -0.8, -0.3],
    "scale": [0.03, 1.0, 9.0],
}

NOTHING = pd.DataFrame(columns=["name", "start", "value", "unit"])  # no hyperparameters

TINY = {
    "device": "cpu",
    "precision": "float64",
    "task": {"duration_ms": 200.0},
    "network": {"units": 12},
    "perturbation": {"rate_per_ms": 0.01},
    "plasticity": {"warm_up_trials": WARM_UP},
    "metalearn": {"rules": {"a": {"start": "random"}, "b": {"start": "random"}}},
    "retrain": {"rules": ["theta_33"]},
    "ablation": {"networks": NETWORKS, "horizons": list(HORIZONS), "windows": [2], "bootstraps": 50},
    "tracking": {"uri": ""},
}


def run(root, **ablation):
    path = root / "tiny.yaml"
    settings = {**TINY, "ablation": {**TINY["ablation"], **ablation}, "results": f"{root}/results"}
    path.write_text(yaml.safe_dump(settings))
    for name in ("a", "b"):
        folder = root / "results/metalearn" / name
        folder.mkdir(parents=True, exist_ok=True)
        pd.DataFrame(TERMS).to_csv(folder / "theta.csv", index=False)
        NOTHING.to_csv(folder / "hyperparameters.csv", index=False)
    assert main(["ablation", "--config", str(path)]) == 0
    return everything(load.load(path)), root / "results/ablation/ablation.csv"


@pytest.fixture(scope="module")
def ablated(tmp_path_factory):
    settings, path = run(tmp_path_factory.mktemp("ablation"))
    return settings, pd.read_csv(path), path.read_bytes()


def test_every_network_ablation_and_horizon_has_its_row(ablated):
    _, table, _ = ablated
    assert list(table) == TABLES["ablation"].names()
    assert list(dict.fromkeys(table.learning_rule)) == ["theta_33", "a"]
    counts = table.groupby(["learning_rule", "ablation", "horizon", "over"]).size().unstack()
    assert (counts.network == NETWORKS).all()
    assert (counts[["median", "mean", "clipped"]] == 1).all(None)
    assert len(counts) == 2 * 9 * len(HORIZONS)
    assert (table[table.ablation == "whole"].error == 0).all()
    assert table[table.ablation == "rounding"].error.max() < 1e-9
    assert (table[table.ablation == "gate"].error > 1e-6).all()
    assert (table.failed == 0).all()
    pooled = table[table.over != "network"]
    assert (pooled.networks == NETWORKS).all()
    assert pooled.error_low.isna().all(), "three networks have no interval"
    alone = table[table.over == "network"].groupby(["learning_rule", "ablation", "horizon"]).error.median()
    median = pooled[pooled.over == "median"].set_index(["learning_rule", "ablation", "horizon"]).error
    assert alone.to_numpy() == pytest.approx(median.loc[alone.index].to_numpy(), rel=1e-12)


def reward_tangents(rule, network, trials):
    learner = start_learning(rule, network, 4)
    tangents, found = start_tangents(rule, learner), []
    for sampled in trials:
        before = learner
        learner, outcome = learn(rule, before, *sampled)
        tangents, rho = two_pass.jvp(rule, before, sampled.trial, outcome, tangents)
        found.append(rho)
    return found


def test_the_whole_is_the_outer_loops_gradient_in_scaled_theta(ablated):
    settings, table, _ = ablated
    device = torch.device("cpu")
    network = build.network(settings, range(NETWORKS), device, purpose="ablate")
    environment, noise = build.environment(settings), build.noise(settings, "ablate")
    trials = [experience(environment, network, h, generator=noise(h)) for h in range(HORIZONS[-1])]
    for name in ("theta_33", "a"):
        terms = pd.DataFrame(TERMS)
        if name == "theta_33":
            terms["theta"] = [0.0, -1.0, 0.0]
        rule = build_rule.learning_rule(settings, "a", terms, device)
        rhos = reward_tangents(rule, network, trials)
        for horizon in HORIZONS:
            exact = (
                torch.stack(rhos[WARM_UP:horizon]).mean(0) * torch.tensor(TERMS["scale"], dtype=torch.float64)
            ).norm(dim=1)
            chosen = (table.learning_rule == name) & (table.horizon == horizon) & (table.over == "network")
            found = table[chosen & (table.ablation == "whole")].sort_values("network").gradient_norm
            assert found.to_numpy() == pytest.approx(exact.numpy(), rel=1e-9)


def test_the_same_seed_gives_the_same_bytes(ablated, tmp_path):
    assert run(tmp_path)[1].read_bytes() == ablated[2]


def test_the_plain_rule_alone(tmp_path):
    table = pd.read_csv(run(tmp_path, learned_rules=0)[1])
    assert set(table.learning_rule) == {"theta_33"}


def test_a_network_that_overflows_is_counted(tmp_path):
    path = tmp_path / "tiny.yaml"
    plasticity = {"warm_up_trials": WARM_UP, "learning_rate": 1e300, "clip": 1e300}
    path.write_text(yaml.safe_dump({**TINY, "plasticity": plasticity, "results": f"{tmp_path}/results"}))
    folder = tmp_path / "results/metalearn/"
    for name in ("a", "b"):
        (folder / name).mkdir(parents=True)
        pd.DataFrame(TERMS).to_csv(folder / name / "theta.csv", index=False)
        NOTHING.to_csv(folder / name / "hyperparameters.csv", index=False)
    assert main(["ablation", "--config", str(path)]) == 0
    table = pd.read_csv(tmp_path / "results/ablation/ablation.csv")
    pooled = table[(table.over == "clipped") & (table.horizon == HORIZONS[-1])]
    assert (pooled.failed == NETWORKS).all()
    assert (pooled.networks == 0).all()
    assert table[(table.over == "network") & (table.horizon == HORIZONS[-1])].error.isna().all()
