"""Stages transfer and judge: the same networks everywhere, each learning by the settings of its condition."""

import pytest
import torch

from threefactor.cli.main import main
from threefactor.experiment import build as assemble
from threefactor.experiment.conditions import derive, jobs
from threefactor.experiment.settings.errors import ConfigError
from threefactor.pipeline.settings import load
from threefactor.pipeline.storage import outputs
from threefactor.stages import retrain
from threefactor.training.learning_run import train

NETWORKS, HORIZON = 3, 12

TINY = f"""
device: cpu
precision: float64
task: {{duration_ms: 200.0}}
network: {{units: 12}}
perturbation: {{rate_per_ms: 0.01}}
plasticity: {{warm_up_trials: 2, learning_rate: 0.3}}
criterion: {{window: 4, fraction: 0.7, error: 0.97, horizon: {HORIZON}}}
metalearn: {{rules: {{learned_random: {{start: random}}}}}}
retrain: {{rules: [theta_33]}}
transfer:
  conditions:
    same: {{}}
    larger: {{network.units: 15, criterion.horizon: 7}}
    slow: {{plasticity.learning_rate: 0.01}}
  rules: [theta_33, node_perturbation]
  networks: {NETWORKS}
  batches: 2
  tuned: same
  untuned: slow
  published: {{slow: {{median: 8.0, quartiles: [5.0, 9.0], runs: 4}}}}
  bootstraps: 20
tracking: {{uri: ""}}
"""


def settings(root):
    root.mkdir(exist_ok=True)
    path = root / "tiny.yaml"
    path.write_text(f"{TINY}\nresults: {root}/results\n")
    return path


def transfer(root, condition, rule="theta_33", batch=0):
    """Run one job and return its table."""
    path = settings(root)
    words = ["--condition", condition, "--learning-rule", rule, "--batch", str(batch), "--config", str(path)]
    assert main(["transfer", *words]) == 0
    return outputs.read_table(root / f"results/transfer/{condition}/{rule}/{batch}.csv")


@pytest.mark.parametrize("condition", ["same", "larger"])
def test_networks_live_by_the_settings_of_their_condition(condition, tmp_path):
    table = transfer(tmp_path, condition, batch=1)
    config = load.load(settings(tmp_path))
    if condition == "larger":
        network = config.network.model_copy(update={"units": 15})
        criterion = config.criterion.model_copy(update={"horizon": 7})
        config = config.model_copy(update={"network": network, "criterion": criterion})
    device = torch.device("cpu")
    network = assemble.network(config, range(NETWORKS, 2 * NETWORKS), device, purpose="transfer")
    rule = assemble.learning_rule(config, "theta_33", None, device)
    environment, criterion = assemble.environment(config), assemble.criterion(config)
    sampled = train(rule, network, environment, criterion, generator=assemble.noise(config, "transfer", 1))
    assert list(table.network) == [3, 4, 5]
    assert set(table.condition) == {condition}
    assert list(table.trials_to_criterion) == sampled.trials_to_criterion.tolist()
    assert list(table.trials) == (~sampled.error.isnan()).sum(1).tolist()
    assert set(table.horizon) == {criterion.horizon}
    last = [error[~error.isnan()][-4:].mean().item() for error in sampled.error]
    assert list(table.error_last) == pytest.approx(last, rel=1e-12)


def test_a_condition_changes_learning_and_nothing_before_it(tmp_path):
    same, slow = (transfer(tmp_path, name).set_index("network") for name in ("same", "slow"))
    assert (same.error_last != slow.error_last).any()
    config = load.load(settings(tmp_path))
    for name in ("same", "slow"):
        own = derive(config, name)
        network = assemble.network(own, [1], torch.device("cpu"), purpose="transfer")
        assert network.weights.equal(
            assemble.network(config, [1], torch.device("cpu"), purpose="transfer").weights
        )


def test_judging_gathers_every_network(tmp_path):
    for condition in ("same", "larger", "slow"):
        for rule in ("theta_33", "node_perturbation"):
            for batch in (0, 1):
                transfer(tmp_path, condition, rule, batch)
    assert main(["judge", "--config", str(settings(tmp_path))]) == 0
    rules = outputs.read_table(tmp_path / "results/judge/rules.csv")
    assert list(zip(rules.condition, rules.learning_rule, strict=True)) == [
        (condition, rule)
        for condition in ("same", "larger", "slow")
        for rule in ("theta_33", "node_perturbation")
    ]
    assert set(rules.networks) == {2 * NETWORKS}
    assert rules.ratio_to_untuned.notna().tolist() == [True, True, False, False, False, False]
    published = outputs.read_table(tmp_path / "results/judge/published.csv")
    assert list(published.condition) == ["slow"]
    words = outputs.read_json(tmp_path / "results/judge/finding.json")["transfer"]
    assert "36 networks lived" in words
    assert (tmp_path / "results/figures/transfer.svg").exists()
    assert "<table" in (tmp_path / "results/judge/table.html").read_text()


def test_a_killed_job_goes_on_bit_for_bit(tmp_path, monkeypatch):
    monkeypatch.setattr(retrain, "CHUNK", 2)
    monkeypatch.setattr(retrain, "SAVE_EVERY", 1)
    transfer(tmp_path / "whole", "same")
    true, begun = retrain.advance, []

    def third_kills(lifetime, *arguments, **named):
        begun.append(lifetime.learner.trials)
        if len(begun) == 3:
            raise RuntimeError("killed")
        return true(lifetime, *arguments, **named)

    monkeypatch.setattr(retrain, "advance", third_kills)
    with pytest.raises(RuntimeError, match="killed"):
        transfer(tmp_path / "again", "same")
    transfer(tmp_path / "again", "same")
    assert begun[:4] == [0, 2, 4, 4], "it began again instead of going on"
    for name in ("0.csv", "0.curve.csv"):
        whole, again = (
            tmp_path / run / f"results/transfer/same/theta_33/{name}" for run in ("whole", "again")
        )
        assert again.read_bytes() == whole.read_bytes()


def test_an_unknown_condition_or_batch_is_one_line(tmp_path, capsys):
    path = str(settings(tmp_path))
    for word, value in (("--condition", "none"), ("--batch", "2")):
        chosen = {"--condition": "same", "--learning-rule": "theta_33", "--batch": "0", word: value}
        words = [part for pair in chosen.items() for part in pair]
        assert main(["transfer", *words, "--config", path]) == 2
        assert f"Error: {word} {value}: allowed are " in capsys.readouterr().err


def test_a_condition_may_name_rules_and_networks_of_its_own(tmp_path):
    path = settings(tmp_path)
    text = path.read_text().replace("larger: {", "larger: {transfer.rules: [bptt], transfer.batches: 1, ")
    path.write_text(text)
    config = load.load(path)
    found = jobs(config)
    assert [job for job in found if job[0] == "larger"] == [("larger", "bptt", "0")]
    assert ("same", "node_perturbation", "1") in found
    assert len(found) == 2 * 2 * 2 + 1
    path.write_text(text.replace("[bptt]", "[none]"))
    with pytest.raises(ConfigError, match=r"transfer.conditions.larger: transfer.rules.0 = 'none': allowed"):
        load.load(path)
