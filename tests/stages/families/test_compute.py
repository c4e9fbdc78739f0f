"""Stage families, on rules that are known."""

import numpy as np
import pandas as pd
import pytest
import torch

from threefactor.cli.main import main
from threefactor.experiment import build, build_rule
from threefactor.experiment.view import everything, value_at
from threefactor.pipeline.settings import load
from threefactor.pipeline.storage import outputs
from threefactor.stages.families.tables import TABLES
from threefactor.training import learning_run

TINY = """
device: cpu
precision: float64
task: {duration_ms: 200.0}
network: {units: 12}
perturbation: {rate_per_ms: 0.01}
plasticity: {warm_up_trials: 5}
criterion: {window: 6, fraction: 0.625}
metalearn:
  scaling_networks: 2
  networks: 3
  trials: 12
  rules:
    dense: {start: random, starts: 2, terms: ['13', '31', '33'], eligibility_time_ms: 100.0}
    few: {start: random, terms: ['22', '33']}
families: {networks: 3, trials: 12, visited_networks: 2, rank_networks: 2, rank_trials: [1, 4], bootstraps: 20}
retrain: {rules: [theta_33]}
tracking: {uri: ""}
"""

THETAS = {
    "dense": ([(1, 3), (3, 1), (3, 3)], [1.0, -2.0, 0.5]),
    "dense_2": ([(1, 3), (3, 1), (3, 3)], [3.0, -6.0, 1.5]),
    "few": ([(2, 2), (3, 3)], [0.0, -4.0]),
}
HYPERPARAMETERS = {"few": {"perturbation.size": 1.0, "plasticity.baseline_exponent": 0.0}}


def prepare(root):
    """Write settings, and the rules as meta-learning would have learned them."""
    path = root / "tiny.yaml"
    path.write_text(f"{TINY}\nresults: {root}/results\n")
    config = load.load(path)
    for name, (terms, values) in THETAS.items():
        table = pd.DataFrame(terms, columns=["k", "l"])
        table["theta"] = table["theta_scaled"] = table["start"] = table["start_scaled"] = values
        table["scale"] = 1.0
        if name != "few":
            table["eligibility_time_ms"] = 100.0
        learned = HYPERPARAMETERS.get(name, {}).items()
        rows = [(key, value_at(config, key), value) for key, value in learned]
        beside = pd.DataFrame(rows, columns=["name", "start", "value"])
        folder = root / "results/metalearn" / name
        outputs.save({folder / "theta.csv": table, folder / "hyperparameters.csv": beside})
    return path


def run(path):
    """Run the stage; return its tables, which are as declared."""
    assert main(["families", "--config", str(path)]) == 0
    found = {name: pd.read_csv(path.parent / f"results/families/{name}.csv") for name in TABLES}
    for name, table in found.items():
        assert list(table.columns) == TABLES[name].names()
    return found


def score_alone(path, name):
    """Score one rule under its settings: networks as trained, and in all trials, smoothed by hand."""
    config, cpu = load.load(path), torch.device("cpu")
    theta = pd.read_csv(path.parent / f"results/metalearn/{name}/theta.csv") if name in THETAS else None
    settings = everything(config).changed(HYPERPARAMETERS.get(name, {}))
    rule = build_rule.learning_rule(settings, name, theta, cpu)
    networks = build.network(settings, range(3), cpu, purpose="families")
    criterion, environment = build.criterion(settings, 12), build.environment(settings)
    trained, whole = (
        learning_run.train(rule, networks, environment, end, generator=build.noise(settings, "families"))
        for end in (criterion, criterion._replace(fraction=2.0))
    )
    error = whole.error[:, rule.warm_up :]
    smoothed = 1 / (1 + torch.exp(-(error - criterion.error) / 0.12))
    parts = smoothed, error, trained.trials_to_criterion, 3 * trained.reached
    return [part.double().mean().item() for part in parts]


def test_multiples_are_one_function_and_scores_are_those_of_the_rules(tmp_path):
    path = prepare(tmp_path)
    found = run(path)
    rules, apart = found["rules"].set_index("learning_rule"), found["distances"]
    assert list(rules.index) == ["theta_33", "dense", "dense_2", "few"]
    assert rules.rule_class["dense"] == rules.rule_class["dense_2"] == "13 31 33, τ_e 100 ms"
    assert rules.cluster["dense"] == rules.cluster["dense_2"]
    assert rules.terms.tolist() == [1, 3, 3, 1]
    pair = apart.set_index(["first", "second"])
    same = pair.loc[("dense", "dense_2")]
    assert same.same_class
    assert abs(same.function_distance_learning) < 1e-12
    assert pair.loc[("theta_33", "few")].theta_distance == pytest.approx(0, abs=1e-12)
    assert pair.loc[("theta_33", "dense")].function_distance_untrained > 0.01
    assert rules.change["theta_33"] == 0
    assert rules.change["dense_2"] != 0
    for name, scored in rules[["smoothed_error_rate", "error", "restricted_mean", "reached"]].iterrows():
        assert scored.tolist() == pytest.approx(score_alone(path, name)), name
    assert rules.smoothed_error_rate.nunique() == len(rules)
    assert 0 < rules.reached.sum() < 3 * len(rules)
    rank = found["rank"]
    assert rank.trial.tolist() == [1, 1, 4, 4]
    assert (rank.effective_rank <= 3).all()
    assert (rank.participation_ratio >= 1).all()
    moment = found["visited"].loc[lambda t: t.deviation == "raw"].set_index(["k", "l"])
    assert moment.untrained[(0, 0)] == pytest.approx(1)
    assert moment.learning[(2, 0)] > 0


OWN_DEVIATION = """
    own: {start: random, starts: 2, terms: ['13', '31', '33'], deviation: standardised}
    plain: {start: random, starts: 2, terms: ['13', '31', '33']}
"""


def test_rules_are_compared_in_the_deviation_that_they_take(tmp_path):
    path = prepare(tmp_path)
    names = ["own", "own_2", "plain", "plain_2"]
    settings = TINY.replace("  trials: 12\n", "  trials: 12\n  steps: 2\n  held_out_networks: 0\n")
    start = settings.index("    dense:")
    settings = settings[:start] + OWN_DEVIATION.strip("\n") + settings[settings.index("\nfamilies") :]
    path.write_text(f"{settings}\nresults: {tmp_path}/results\n")
    scaled = {}
    for name in names:
        assert main(["metalearn", "--learned-rule", name, "--config", str(path)]) == 0
        table = pd.read_csv(tmp_path / f"results/metalearn/{name}/theta.csv")
        scaled[name] = table.theta_scaled / np.linalg.norm(table.theta_scaled)
    found = run(path)
    apart = found["distances"].set_index(["first", "second"])
    for first, second in (("own", "own_2"), ("plain", "plain_2")):
        expected = 1 - scaled[first] @ scaled[second]
        assert apart.loc[(first, second)].theta_distance == pytest.approx(expected, rel=1e-6)
    assert np.isnan(apart.loc[("own", "plain")].theta_distance)
    moment = found["visited"].set_index(["deviation", "k", "l"]).untrained
    assert moment[("standardised", 0, 2)] != pytest.approx(moment[("raw", 0, 2)], rel=0.5)
