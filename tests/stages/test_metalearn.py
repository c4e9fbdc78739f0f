"""Stage metalearn: curriculum, early stopping, rules with settings of their own; killed, it goes on."""

import pandas as pd
import pytest
import torch

from threefactor.cli.main import main
from threefactor.pipeline.settings import load
from threefactor.metalearning import masks
from threefactor.experiment.settings.errors import ConfigError
from threefactor.metalearning import perturbation_fit as kicks
from threefactor.pipeline.storage import arrays
from threefactor.stages import metalearn, outer
from threefactor.experiment import build as assemble

TINY = """
device: cpu
precision: float64
task: {duration_ms: 200.0}
network: {units: 12}
perturbation: {rate_per_ms: 0.01}
plasticity: {warm_up_trials: 5}
criterion: {window: 8, fraction: 0.5}
metalearn:
  scaling_networks: 2
  networks: 3
  lifetime: 20
  steps: 6
  curriculum: [0.5, 1.0]
  held_out_networks: 2
  held_out_trials: 15
  held_out_every: 2
  patience: PATIENCE
  rules:
    free: {start: random, starts: 2, memory: 4}
    outer: {start: random, rank: 1, estimator: reverse, eligibility_time_ms: 50.0, steps: 3}
    own: {start: random, coordinates: orthonormal, deviation: standardised, estimator: reverse, norm: 1.5, steps: 3}
    kicks: {start: kicks, coordinates: orthonormal, steps: 1, norm: 0}
    few: {start: random, terms: all, sparsity: 0.002, networks: 2, estimator: evolution}
retrain: {rules: [theta_33, outer]}
tracking: {uri: ""}
"""


def run(root, rule="free", patience=0):
    root.mkdir(exist_ok=True)
    path = root / "tiny.yaml"
    path.write_text(f"{TINY}\nresults: {root}/results\n".replace("PATIENCE", str(patience)))
    assert main(["metalearn", "--learned-rule", rule, "--config", str(path)]) == 0
    folder = root / f"results/metalearn/{rule}"
    tables = {name: pd.read_csv(folder / f"{name}.csv") for name in ("theta", "history", "held_out")}
    files = {name: (folder / f"{name}.csv").read_bytes() for name in tables}
    return load.load(path), tables, files, arrays.load(folder / "gradients.safetensors")


def test_the_horizon_grows_and_trials_are_counted(tmp_path):
    _, tables, _, _ = run(tmp_path)
    history, held_out = tables["history"], tables["held_out"]
    assert history.lifetime.tolist() == [10, 10, 10, 20, 20, 20]
    assert history.trials.tolist() == [30, 30, 30, 60, 60, 60]
    assert held_out.step.tolist() == [0, 2, 4, 6]
    assert held_out.trials.tolist() == [0, 60, 150, 270]
    assert held_out.held_out_trials.tolist() == [30, 60, 90, 120]
    assert held_out.kept.tolist() == [False] * 3 + [True], "without patience the last theta is taken"
    assert held_out.change[0] == 0
    assert held_out.change.abs().max() > 0


def test_evolution_counts_both_sides_and_few_terms_are_left(tmp_path):
    _, tables, _, _ = run(tmp_path, "few")
    assert tables["history"].trials.tolist() == [40, 40, 40, 80, 80, 80]
    assert len(tables["theta"]) == 36
    assert 0 < (tables["theta"].theta != 0).sum() < 36


def test_learning_stops_where_scores_get_no_better_and_takes_the_best(tmp_path, monkeypatch):
    scores = {0: 0.5, 2: 0.4, 4: 0.45, 6: 0.3}
    true = outer.score

    def told(*arguments, **named):
        found = true(*arguments, **named)
        told.step += 2
        return found._replace(smoothed_error_rate=found.smoothed_error_rate * 0 + scores[told.step])

    told.step = -2
    monkeypatch.setattr(outer, "score", told)
    _, tables, _, _ = run(tmp_path, patience=1)
    assert len(tables["history"]) == 4
    assert tables["held_out"].kept.tolist() == [False, True, False]
    theta = tables["theta"].theta_scaled
    second = tables["history"].filter(like="theta_scaled_").iloc[2]
    assert theta.to_numpy() == pytest.approx(second.to_numpy(), rel=1e-12)
    told.step = -2
    _, longer, _, _ = run(tmp_path / "patient", patience=2)
    assert len(longer["history"]) == 6
    assert longer["held_out"].kept.tolist() == [False] * 3 + [True]


@pytest.mark.parametrize("killed", ["gradient", "score"])
def test_a_killed_job_goes_on_bit_for_bit(tmp_path, monkeypatch, killed):
    _, _, whole, arrays_whole = run(tmp_path / "whole", patience=2)
    true, calls = getattr(outer, killed), []

    def third_kills(*arguments, **named):
        calls.append(arguments)
        if len(calls) == 3:
            raise RuntimeError("killed")
        return true(*arguments, **named)

    monkeypatch.setattr(outer, killed, third_kills)
    with pytest.raises(RuntimeError, match="killed"):
        run(tmp_path / "again", patience=2)
    _, _, resumed, arrays_resumed = run(tmp_path / "again", patience=2)
    assert len(calls) <= (7 if killed == "gradient" else 5), "it began again instead of going on"
    assert resumed == whole
    assert all((arrays_resumed[name] == arrays_whole[name]).all() for name in arrays_whole)


@pytest.mark.parametrize(
    ("rule", "old", "new", "status", "words"),
    [
        (
            "kicks",
            "rate_per_ms: 0.01",
            "rate_per_ms: 1.0e-9",
            2,
            "start = 'kicks': not one came in the trials",
        ),
        (
            "free",
            "{warm_up_trials: 5}",
            "{warm_up_trials: 5, weight_quadratic: 1.0e+300}",
            1,
            "are zero or not finite",
        ),
    ],
)
def test_a_rule_that_cannot_be_scaled_or_guessed_is_one_line(tmp_path, capsys, rule, old, new, status, words):
    path = tmp_path / "tiny.yaml"
    path.write_text(f"{TINY}\nresults: {tmp_path}/results\n".replace("PATIENCE", "0").replace(old, new))
    assert main(["metalearn", "--learned-rule", rule, "--config", str(path)]) == status
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("Error: ")]
    assert line.startswith(f"Error: metalearn.rules.{rule}")
    assert words in line


def test_a_rule_keeps_its_rank_and_its_time_constant(tmp_path):
    config, tables, _, _ = run(tmp_path, "outer")
    theta = tables["theta"]
    assert len(tables["history"]) == 3
    for column in ("start", "theta"):
        grid = theta[column].to_numpy().reshape(3, 3)
        assert abs(grid[0, 0] * grid[2, 1] - grid[0, 1] * grid[2, 0]) < 1e-10 * abs(grid[0, 0] * grid[2, 1])
    assert (theta.eligibility_time_ms == 50.0).all()
    device = assemble.torch.device("cpu")
    learned = assemble.learning_rule(config, "outer", theta, device)
    assert learned.params.eligibility_decay == pytest.approx(1 - 10 / 50)
    assert assemble.learning_rule(config, "theta_33", None, device).params.eligibility_decay == 1
    plain = theta.drop(columns="eligibility_time_ms")
    assert assemble.learning_rule(config, "outer", plain, device).params.eligibility_decay == 1


def test_each_start_is_a_rule_of_its_own(tmp_path):
    path = tmp_path / "tiny.yaml"
    path.write_text(TINY.replace("PATIENCE", "0"))
    config = load.load(path)
    assert list(config.metalearn.rules) == ["free", "free_2", "outer", "own", "kicks", "few"]
    assert config.metalearn.rules["free"] == config.metalearn.rules["free_2"]
    one, two = (metalearn.start_theta(config, name, posed(config, name)) for name in ("free", "free_2"))
    assert (one != two).all()
    assert load.parse(load.dump(config)) == config, "written and read again, they are the same rules"


@pytest.mark.parametrize(
    ("mask", "terms"),
    [
        ("linear_rate", ["11", "13", "15"]),
        ("cubic_deviation", ["13", "33", "53"]),
        ("diagonal", ["11", "33", "55"]),
        ("no_rate", ["00", "01", "02", "03", "04", "05"]),
        ("no_deviation", ["00", "10", "20", "30", "40", "50"]),
        (("51", "13"), ["13", "51"]),
    ],
)
def test_a_mask_has_the_terms_of_its_name(mask, terms):
    assert [f"{k}{l}" for k, l in masks.chosen(mask, 5)] == terms


WRONG = {
    "starts of no random start": ({"start": "theta_33", "starts": 2}, "starts of 'a' = 2: allowed is 1"),
    "rank of a list": ({"start": "random", "terms": ["11", "33"], "rank": 1}, "a.rank = 1: allowed is ''"),
    "rank and sparsity": ({"start": "random", "rank": 1, "sparsity": 0.1}, "a.sparsity = 0.1: allowed is 0"),
    "memory without tangents": (
        {"start": "random", "estimator": "evolution", "memory": 3},
        "a.memory = 3: allowed is ''",
    ),
    "no such task": ({"start": "random", "task": "dnm"}, "a.task = 'dnm': allowed are "),
    "fast decay": (
        {"start": "random", "eligibility_time_ms": 5.0},
        "a.eligibility_time_ms = 5.0: allowed is",
    ),
    "one network": ({"start": "random", "networks": 1}, "a.networks = 1: allowed is at least 2"),
    "short lifetime": ({"start": "random", "lifetime": 20}, "a.lifetime = 20: allowed is more than 20"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_with_a_rule_is_named_in_one_line(case):
    rule, words = WRONG[case]
    with pytest.raises(ConfigError) as raised:
        load.parse({"metalearn": {"rules": {"a": rule}}, "retrain": {"rules": ["theta_33"]}}, "file.yaml")
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


def test_the_curriculum_must_outlast_the_warm_up_and_patience_needs_a_score():
    with pytest.raises(ConfigError, match=r"metalearn\.curriculum = \[0\.05, 1\.0\]: allowed are shares"):
        load.parse({"metalearn": {"curriculum": [0.05, 1.0]}})
    with pytest.raises(ConfigError, match=r"metalearn\.patience = 2: allowed is 0 without"):
        load.parse({"metalearn": {"patience": 2, "held_out_networks": 0}})


def test_a_rule_is_learned_in_orthonormal_coordinates_of_a_standardised_deviation(tmp_path):
    """Its norm is the weight change of the whole rule; retraining takes the deviation that it was learned with."""
    config, tables, _, _ = run(tmp_path, "own")
    theta, history = tables["theta"], tables["history"]
    assert (theta.deviation == "standardised").all()
    problem = posed(config, "own")
    for name in ("start", "theta"):
        raw = torch.tensor(theta[name].to_numpy())
        assert problem.coordinates(raw).norm().item() == pytest.approx(1.5)
        assert torch.allclose(problem.raw(problem.coordinates(raw)), raw)
        scaled = torch.tensor(theta[f"{name}_scaled"].to_numpy())
        assert torch.allclose(problem.scale * scaled, raw)
    assert history.filter(like="theta_scaled").iloc[0].to_numpy() == pytest.approx(theta.start_scaled)
    assert history.perturbation_r2.between(0, 1).all()
    assert history.perturbation_r2[0] == pytest.approx(
        kicks.share(problem.guess, torch.tensor(theta.start.to_numpy()))
    )
    learned = assemble.learning_rule(config, "own", theta, torch.device("cpu"))
    assert learned.params.standard is not None
    plain = assemble.learning_rule(config, "theta_33", None, torch.device("cpu"))
    assert plain.params.standard is None


def test_a_rule_may_start_at_the_best_guess_of_the_kicks(tmp_path):
    config, tables, _, _ = run(tmp_path, "kicks")
    problem = posed(config, "kicks")
    best = kicks.best_guess(problem.guess)
    assert tables["theta"].start.to_numpy() == pytest.approx(best.numpy())
    assert tables["history"].perturbation_r2[0] == pytest.approx(kicks.share(problem.guess, best))


def posed(config, key):
    class Alone:
        pass

    job = Alone()
    job.config, job.device = config, torch.device("cpu")
    return outer.pose(job, key)
