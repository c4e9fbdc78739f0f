"""Stage transfer: the same networks everywhere, each learning by the settings of its condition."""

import pandas as pd
import pytest
import torch

from stages.in_pieces import InPieces
from threefactor.cli.main import main
from threefactor.experiment import build, build_rule
from threefactor.experiment.conditions import derive, jobs
from threefactor.experiment.settings.errors import SettingsError
from threefactor.experiment.view import everything
from threefactor.pipeline.settings import load
from threefactor.pipeline.storage import outputs
from threefactor.stages.transfer.compute import compute
from threefactor.stages.transfer.tables import TABLES
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
    longer: {{criterion.horizon: 130, criterion.fraction: 1.0}}
    slow: {{plasticity.learning_rate: 0.01}}
  rules: [theta_33, node_perturbation]
  networks: {NETWORKS}
  batches: 2
tracking: {{uri: ""}}
"""


def settings(root):
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
def test_networks_learn_under_the_settings_of_their_condition(condition, tmp_path):
    table = transfer(tmp_path, condition, batch=1)
    found = everything(load.load(settings(tmp_path)))
    if condition == "larger":
        found = found.changed({"network.units": 15, "criterion.horizon": 7})
    device = torch.device("cpu")
    network = build.network(found, range(NETWORKS, 2 * NETWORKS), device, purpose="transfer")
    rule = build_rule.learning_rule(found, "theta_33", None, device)
    environment, criterion = build.environment(found), build.criterion(found)
    run = train(rule, network, environment, criterion, generator=build.noise(found, "transfer", 1))
    assert list(table.columns) == TABLES["networks"].names()
    assert list(table.network) == [3, 4, 5]
    assert set(table.condition) == {condition}
    assert list(table.trials_to_criterion) == run.trials_to_criterion.tolist()
    assert list(table.trials) == (~run.error.isnan()).sum(1).tolist()
    assert set(table.horizon) == {criterion.horizon}
    last = [error[~error.isnan()][-4:].mean().item() for error in run.error]
    assert list(table.error_last) == pytest.approx(last, rel=1e-12)


def test_a_condition_changes_learning_and_nothing_before_it(tmp_path):
    same, slow = (transfer(tmp_path, name).set_index("network") for name in ("same", "slow"))
    assert (same.error_last != slow.error_last).any()
    config = load.load(settings(tmp_path))
    for name in ("same", "slow"):
        drawn = (
            build.network(everything(one), [1], torch.device("cpu"), purpose="transfer")
            for one in (derive(config, name), config)
        )
        first, second = (network.weights for network in drawn)
        assert first.equal(second)


class WithoutInputs(InPieces):
    """A job of a rule that was not learned."""

    def by(self, name, wildcard):
        """Return no tables."""
        return {}


def test_a_job_in_pieces_gives_the_same_bytes(tmp_path):
    transfer(tmp_path, "longer")
    config = load.load(settings(tmp_path))
    names = {"condition": "longer", "learning_rule": "theta_33", "batch": "0"}
    work = WithoutInputs("transfer", config, names)
    again = compute(work).outputs
    assert [done for done, _ in work.seen] == [50, 100, 130]
    for name, ending in (("networks", "csv"), ("curve", "curve.csv")):
        written = tmp_path / f"results/transfer/longer/theta_33/0.{ending}"
        outputs.save({tmp_path / f"{name}.csv": again[name]})
        assert (tmp_path / f"{name}.csv").read_bytes() == written.read_bytes()
        assert list(pd.read_csv(written).columns) == TABLES[name].names()


def test_an_unknown_condition_or_batch_is_one_line(tmp_path, capsys):
    path = str(settings(tmp_path))
    for word, value in (("--condition", "none"), ("--batch", "2")):
        chosen = {"--condition": "same", "--learning-rule": "theta_33", "--batch": "0", word: value}
        words = [part for pair in chosen.items() for part in pair]
        assert main(["transfer", *words, "--config", path]) == 2
        assert f"Error: {word} {value}: must be " in capsys.readouterr().err


def test_a_condition_may_name_rules_and_networks_of_its_own(tmp_path):
    path = settings(tmp_path)
    text = path.read_text().replace("larger: {", "larger: {transfer.rules: [bptt], transfer.batches: 1, ")
    path.write_text(text)
    config = load.load(path)
    found = jobs(config)
    larger = {"condition": "larger", "learning_rule": "bptt", "batch": "0"}
    assert [job for job in found if job["condition"] == "larger"] == [larger]
    assert {"condition": "same", "learning_rule": "node_perturbation", "batch": "1"} in found
    assert len(found) == 3 * 2 * 2 + 1
    path.write_text(text.replace("[bptt]", "[none]"))
    with pytest.raises(SettingsError, match=r"transfer.conditions.larger: transfer.rules.0 = 'none': must"):
        load.load(path)
