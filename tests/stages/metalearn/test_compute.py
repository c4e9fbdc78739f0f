"""Stage metalearn: curriculum, early stopping, rules with settings of their own."""

import pytest
import torch

from stages.in_pieces import InPieces
from threefactor.cli.main import main
from threefactor.experiment import build_problem, build_rule, learning_runs
from threefactor.experiment.learned import Learned, rule_under
from threefactor.experiment.learned_rules import effective
from threefactor.experiment.view import everything
from threefactor.metalearning import coordinates, perturbation_fit
from threefactor.pipeline.settings import load
from threefactor.pipeline.storage import arrays, outputs
from threefactor.stages.metalearn.compute import compute

CPU = torch.device("cpu")
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
  trials: 20
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
    fitted: {start: perturbation, coordinates: orthonormal, steps: 1, norm: 0}
    sized:
      {start: random, steps: 2, estimator: reverse, objective: smoothed_error_rate, deviation: normalised,
       deviation_bound: 2.0, momentum: 0.5, update_size: 0.02,
       hyperparameters: [plasticity.update_size, plasticity.momentum]}
    few: {start: random, terms: all, sparsity: 0.002, networks: 2, estimator: evolution}
retrain: {rules: [theta_33, outer]}
tracking: {uri: ""}
"""


def write(root, patience=0):
    path = root / "tiny.yaml"
    path.write_text(f"{TINY}\nresults: {root}/results\n".replace("PATIENCE", str(patience)))
    return path


def run(root, rule="free", patience=0):
    path = write(root, patience)
    assert main(["metalearn", "--learned-rule", rule, "--config", str(path)]) == 0
    folder = root / f"results/metalearn/{rule}"
    names = ("theta", "hyperparameters", "history", "held_out")
    return load.load(path), {name: outputs.read_table(folder / f"{name}.csv") for name in names}, folder


def source_of(config, key):
    settings = everything(effective(config, {"learned_rule": key}))
    return learning_runs.source(settings, key, CPU)


def test_trials_grow_along_the_curriculum_and_are_counted(tmp_path):
    _, tables, _ = run(tmp_path)
    history, held_out = tables["history"], tables["held_out"]
    assert history.trials_per_network.tolist() == [10, 10, 10, 20, 20, 20]
    assert history.trials.tolist() == [30, 30, 30, 60, 60, 60]
    assert held_out.step.tolist() == [0, 2, 4, 6]
    assert held_out.trials.tolist() == [0, 60, 150, 270]
    assert held_out.held_out_trials.tolist() == [30, 60, 90, 120]
    assert held_out.kept.tolist() == [False] * 3 + [True], "without patience the last theta is taken"
    assert held_out.change[0] == 0
    assert held_out.change.abs().max() > 0


def test_evolution_counts_both_sides_and_few_terms_are_left(tmp_path):
    _, tables, _ = run(tmp_path, "few")
    assert tables["history"].trials.tolist() == [40, 40, 40, 80, 80, 80]
    assert len(tables["theta"]) == 36
    assert 0 < (tables["theta"].theta != 0).sum() < 36


def test_learning_that_stops_early_takes_the_theta_of_the_best_score(tmp_path):
    _, tables, _ = run(tmp_path, patience=1)
    held_out, history = tables["held_out"], tables["history"]
    best = int(held_out.smoothed_error_rate.argmin())
    assert len(held_out) in (best + 2, 4)
    assert held_out.kept.tolist() == [n == best for n in range(len(held_out))]
    assert len(history) == held_out.step.iloc[-1]


@pytest.mark.parametrize("rule", ["free", "few"])
def test_a_job_that_is_killed_at_any_step_goes_on_bit_for_bit(tmp_path, rule):
    config, tables, folder = run(tmp_path, rule, patience=2)
    work = InPieces("metalearn", config, {"learned_rule": rule})
    again = compute(work).outputs
    for name in tables:
        assert again[name].to_csv(index=False) == (folder / f"{name}.csv").read_text(), name
    gradients = arrays.load(folder / "gradients.safetensors")
    assert all(torch.equal(gradients[name], again["gradients"][name]) for name in gradients)
    done = [place for place, _ in work.seen]
    assert done == sorted(done)
    assert done[-1] == tables["history"].trials_per_network.sum()
    scores = [shown for _, shown in work.seen if "held_out_smoothed_error_rate" in shown]
    assert len(scores) == len(tables["held_out"])


@pytest.mark.parametrize(
    ("rule", "old", "new", "status"),
    [
        ("fitted", "rate_per_ms: 0.01", "rate_per_ms: 1.0e-9", 2),
        ("free", "{warm_up_trials: 5}", "{warm_up_trials: 5, weight_quadratic: 1.0e+300}", 1),
    ],
)
def test_a_rule_that_cannot_be_scaled_or_fitted_is_one_line(tmp_path, capsys, rule, old, new, status):
    path = write(tmp_path)
    path.write_text(path.read_text().replace(old, new))
    assert main(["metalearn", "--learned-rule", rule, "--config", str(path)]) == status
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("Error: ")]
    assert line.startswith(f"Error: metalearn.rules.{rule}")


def test_a_rule_keeps_its_rank_and_its_time_constant(tmp_path):
    config, tables, _ = run(tmp_path, "outer")
    theta = tables["theta"]
    assert len(tables["history"]) == 3
    for column in ("start", "theta"):
        grid = theta[column].to_numpy().reshape(3, 3)
        assert abs(grid[0, 0] * grid[2, 1] - grid[0, 1] * grid[2, 0]) < 1e-10 * abs(grid[0, 0] * grid[2, 1])
    assert (theta.eligibility_time_ms == 50.0).all()
    settings = everything(config)
    learned = build_rule.learning_rule(settings, "outer", theta, CPU)
    assert learned.params.eligibility_decay == pytest.approx(1 - 10 / 50)
    assert build_rule.learning_rule(settings, "theta_33", None, CPU).params.eligibility_decay == 1
    plain = theta.drop(columns="eligibility_time_ms")
    assert build_rule.learning_rule(settings, "outer", plain, CPU).params.eligibility_decay == 1


def test_what_a_rule_sets_for_itself_is_learned_from_there(tmp_path):
    config, tables, _ = run(tmp_path, "sized")
    theta, found = tables["theta"], tables["hyperparameters"].set_index("name")
    assert found.start.to_dict() == {"plasticity.update_size": 0.02, "plasticity.momentum": 0.5}
    assert (found.value != found.start).all()
    settings, learned = everything(config), {"sized": Learned(theta, tables["hyperparameters"])}
    rule, begun = (rule_under(settings, name, learned, CPU).rule for name in ("sized", "start_sized"))
    for made, column in ((rule, "value"), (begun, "start")):
        assert made.normalisation.size == pytest.approx(found[column]["plasticity.update_size"])
        assert made.momentum == pytest.approx(found[column]["plasticity.momentum"])
        assert made.params.standard.bound == 2
        assert made.params.clip == float("inf")
    plain = build_rule.learning_rule(settings, "theta_33", None, CPU)
    assert (plain.normalisation, plain.momentum) == (None, 0)


def test_a_rule_is_learned_in_orthonormal_coordinates_of_a_standardised_deviation(tmp_path):
    """Its norm is the weight change of the whole rule; retraining takes the deviation that it was learned with."""
    config, tables, _ = run(tmp_path, "own")
    theta, history = tables["theta"], tables["history"]
    assert (theta.deviation == "standardised").all()
    measured = build_problem.measure(source_of(config, "own"))
    system = measured.system
    for name in ("start", "theta"):
        raw = torch.tensor(theta[name].to_numpy())
        place = coordinates.coordinates(system, raw)
        assert place.norm().item() == pytest.approx(1.5)
        assert torch.allclose(coordinates.theta(system, place), raw)
        assert torch.allclose(system.scale * torch.tensor(theta[f"{name}_scaled"].to_numpy()), raw)
    assert history.filter(like="theta_scaled").iloc[0].to_numpy() == pytest.approx(theta.start_scaled)
    assert history.perturbation_r2.between(0, 1).all()
    start = torch.tensor(theta.start.to_numpy())
    assert history.perturbation_r2[0] == pytest.approx(perturbation_fit.r2(measured.moments, start))
    settings = everything(config)
    assert build_rule.learning_rule(settings, "own", theta, CPU).params.standard is not None
    assert build_rule.learning_rule(settings, "theta_33", None, CPU).params.standard is None


def test_a_rule_may_start_at_the_best_fit_of_the_perturbation(tmp_path):
    config, tables, _ = run(tmp_path, "fitted")
    measured = build_problem.measure(source_of(config, "fitted"))
    best = perturbation_fit.best_fit(measured.moments)
    assert tables["theta"].start.to_numpy() == pytest.approx(best.numpy())
    share = perturbation_fit.r2(measured.moments, best)
    assert tables["history"].perturbation_r2[0] == pytest.approx(share)


def test_each_start_is_a_rule_of_its_own(tmp_path):
    config = load.load(write(tmp_path))
    assert list(config.metalearn.rules) == ["free", "free_2", "outer", "own", "fitted", "sized", "few"]
    assert config.metalearn.rules["free"] == config.metalearn.rules["free_2"]
    starts = []
    for name in ("free", "free_2"):
        source = source_of(config, name)
        starts.append(build_problem.start(source, build_problem.measure(source)))
    assert (starts[0] != starts[1]).all()
