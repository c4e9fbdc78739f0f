"""Stage metalearn over a distribution of conditions that differ in size, time step, task and perturbation."""

import pytest

from stages.in_pieces import InPieces
from threefactor.cli.main import main
from threefactor.pipeline.settings import load
from threefactor.pipeline.storage import arrays, outputs
from threefactor.stages.metalearn.compute import compute

TINY = """
device: cpu
precision: float64
task: {duration_ms: 200.0}
network: {units: 14}
perturbation: {rate_per_ms: 0.01}
plasticity: {warm_up_trials: 5}
criterion: {window: 8, fraction: 0.5}
metalearn:
  scaling_networks: 2
  networks: 5
  trials: 12
  steps: 2
  held_out_networks: 4
  held_out_conditions: 3
  held_out_trials: 10
  held_out_every: 1
  distribution:
    task.name: {among: [dnms, dpa, pulses]}
    network.units: {between: [14, 20]}
    network.time_step_ms: {among: [5.0, 10.0, 20.0]}
    perturbation.size: {between: [0.25, 1.5]}
  rules:
    wide:
      {start: random, conditions: 3, deviation: standardised, hyperparameters: [plasticity.clip]}
    evolved: {start: random, conditions: 2, estimator: evolution}
    narrow: {start: random}
retrain: {rules: [theta_33]}
tracking: {uri: ""}
"""
KEYS = ["task.name", "network.units", "network.time_step_ms", "perturbation.size"]


def run(root, rule, text=TINY):
    path = root / "tiny.yaml"
    path.write_text(f"{text}\nresults: {root}/results\n")
    assert main(["metalearn", "--learned-rule", rule, "--config", str(path)]) == 0
    folder = root / f"results/metalearn/{rule}"
    names = ("theta", "hyperparameters", "history", "held_out", "conditions")
    return load.load(path), {name: outputs.read_table(folder / f"{name}.csv") for name in names}, folder


def test_a_rule_is_learned_over_conditions_that_are_listed(tmp_path):
    config, tables, folder = run(tmp_path, "wide")
    conditions, gradients = tables["conditions"], arrays.load(folder / "gradients.safetensors")
    assert gradients["gradient"].shape == (2, 5, len(tables["theta"]))
    assert gradients["finite"].all()
    of_steps, held_out = (conditions[conditions.held_out == flag] for flag in (False, True))
    assert of_steps.groupby("step").condition.unique().map(list).tolist() == [[0, 1, 2]] * 2
    assert of_steps[of_steps.key == KEYS[0]].networks.tolist() == [1, 2, 2] * 2
    assert held_out.step.isna().all()
    assert held_out[held_out.key == KEYS[0]].networks.tolist() == [1, 1, 2]
    assert conditions.key.tolist() == KEYS * 9
    assert conditions[conditions.key == KEYS[0]].value.nunique() > 1
    assert tables["held_out"].networks.tolist() == [4] * 3
    assert (tables["history"].trials == 60).all()
    work = InPieces("metalearn", config, {"learned_rule": "wide"})
    again = compute(work).outputs
    for name in tables:
        assert again[name].to_csv(index=False) == (folder / f"{name}.csv").read_text(), (
            f"{name}, killed at any step"
        )


def test_evolution_meets_the_same_conditions(tmp_path):
    _, evolved, _ = run(tmp_path, "evolved")
    _, wide, _ = run(tmp_path, "wide")
    columns = ["step", "key", "value"]
    first = [
        table["conditions"].query("not held_out and condition < 2")[columns] for table in (evolved, wide)
    ]
    assert first[0].to_numpy().tolist() == first[1].to_numpy().tolist()
    assert (evolved["theta"].theta != evolved["theta"].start).any()


@pytest.mark.parametrize("text", [TINY, TINY.replace("14, 20", "15, 30")])
def test_a_rule_without_conditions_has_none_and_does_not_follow_the_distribution(tmp_path, text):
    _, tables, folder = run(tmp_path, "narrow", text)
    assert len(tables["conditions"]) == 0
    without = tmp_path / "without"
    without.mkdir()
    text = TINY.replace("conditions: 3, ", "").replace("conditions: 2, ", "").partition("  distribution:")
    rest = "  rules:" + text[2].partition("  rules:")[2]
    _, _, other = run(without, "narrow", text[0] + rest)
    assert (folder / "theta.csv").read_text() == (other / "theta.csv").read_text()


def test_a_draw_that_contradicts_itself_ends_the_job_in_one_line(tmp_path, capsys):
    """Only the task knows how long its delay makes a trial, so that settings alone do not tell."""
    path = tmp_path / "tiny.yaml"
    text = TINY.replace("task: {duration_ms: 200.0}", "task: {duration_ms: 200.0, delay_ms: 40.0}")
    text = text.replace("warm_up_trials: 5", "warm_up_trials: 5, weight_time_ms: 215.0")
    path.write_text(
        text.replace("    task.name:", "    task.delay_ms: {among: [40.0, 80.0]}\n    task.name:")
    )
    assert main(["metalearn", "--learned-rule", "wide", "--config", str(path)]) == 2
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("Error: ")]
    assert "metalearn.distribution (" in line
    assert "plasticity.weight_time_ms = 215.0" in line
