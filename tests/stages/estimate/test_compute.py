"""Stage estimate: one run with every estimator, cut at each horizon, equals the estimators themselves."""

import pandas as pd
import pytest
import torch

from stages.in_pieces import InPieces
from threefactor.cli.main import main
from threefactor.experiment.view import everything
from threefactor.metalearning.estimators import evolution, pathwise, score_local, score_total
from threefactor.metalearning.trial_record import Noise
from threefactor.pipeline.settings import load
from threefactor.pipeline.storage import arrays
from threefactor.stages.estimate.compute import compute
from threefactor.stages.estimate.problem import batch_of, problem_of
from threefactor.stages.estimate.tables import TABLES

NETWORKS, HORIZONS, NOISE = 5, (3, 6), (0.5, 2.0)

TINY = f"""
device: cpu
precision: float64
task: {{duration_ms: 200.0}}
network: {{units: 12}}
perturbation: {{rate_per_ms: 0.01}}
plasticity: {{warm_up_trials: 5}}
metalearn: {{scaling_networks: 2}}
estimate:
  terms: ['13', '33', '31']
  networks: {NETWORKS}
  batch: {NETWORKS}
  horizons: {list(HORIZONS)}
  noise: {list(NOISE)}
  resamples: 3
  difference_step: 0.0001
  evolution_step: 0.0001
tracking: {{uri: ""}}
"""


CPU = torch.device("cpu")
STRONG = {"plasticity_strength": "strong"}


def write(root, batch=NETWORKS):
    path = root / "tiny.yaml"
    path.write_text(f"{TINY}\nresults: {root}/results\n".replace(f"batch: {NETWORKS}", f"batch: {batch}"))
    return path


def run(root, batch=NETWORKS):
    path = write(root, batch)
    assert main(["estimate", "--plasticity-strength", "strong", "--config", str(path)]) == 0
    folder = root / "results/estimate"
    tables = [pd.read_csv(folder / f"strong{name}.csv") for name in ("", ".errors")]
    return everything(load.load(path)), *tables, arrays.load(folder / "strong.safetensors")


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    return run(tmp_path_factory.mktemp("estimate"))


@pytest.mark.parametrize("h", range(len(HORIZONS)))
@pytest.mark.parametrize("s", range(len(NOISE)))
def test_what_is_cut_is_what_each_estimator_says_of_that_horizon(ran, s, h):
    settings, _, _, samples = ran
    problem = problem_of(settings, 1.0, CPU)
    batch = batch_of(problem, range(NETWORKS))
    noise = Noise(NOISE[s] * problem.size, settings.estimate.evolution_step * problem.scale)
    for name, module in {
        "pathwise": pathwise,
        "score_total": score_total,
        "score_local": score_local,
    }.items():
        sampled = list(batch.trials())[: HORIZONS[h]]
        found = module.estimate(
            problem.rule, batch.learner, sampled, noise=noise, generator=batch.generator("weight noise")
        )
        got = samples[f"{name}.noise{s}.horizon{h}"]
        torch.testing.assert_close(got, (found.gradient * problem.scale).double(), rtol=1e-6, atol=1e-9)
        if name == "pathwise":
            exact = got
    torch.testing.assert_close(samples[f"difference.noise{s}.horizon{h}"], exact, rtol=1e-3, atol=1e-6)
    direction = evolution.draw_direction(
        problem.rule, batch.learner, noise.theta, generator=batch.generator("direction")
    )
    along = (exact * direction).sum(1, keepdim=True) * direction
    torch.testing.assert_close(samples[f"evolution.noise{s}.horizon{h}"], along, rtol=1e-3, atol=1e-6)
    if HORIZONS[h] == HORIZONS[-1]:
        torch.testing.assert_close(samples[f"reverse.noise{s}.horizon{h}"], exact, rtol=1e-6, atol=1e-9)


def test_every_estimator_term_and_horizon_has_its_row(ran):
    _, table, errors, samples = ran
    estimators = {name.split(".")[0] for name in samples if not name.startswith("mean_of_")}
    assert list(table) == TABLES["estimators"].names()
    assert list(errors) == TABLES["errors"].names()
    assert set(table.estimator) == set(errors.estimator) == estimators
    assert set(table.term) == {"13", "33", "31", "along", "norm"}
    assert (table.networks == NETWORKS).all()
    assert (table.failed == 0).all()
    assert (errors.seconds > 0).all()
    assert set(zip(table.noise, table.horizon, strict=True)) == {(n, h) for n in NOISE for h in HORIZONS}


def test_plasticity_strength_scales_learning_rate_and_clip():
    settings = everything(load.parse({"metalearn": {"scaling_networks": 1}, "network": {"units": 12}}, "t"))
    one, tenth = (problem_of(settings, strength, CPU).rule.params for strength in (1.0, 0.1))
    assert tenth.learning_rate == pytest.approx(0.1 * one.learning_rate)
    assert tenth.clip == pytest.approx(0.1 * one.clip)


def test_a_killed_job_goes_on_bit_for_bit(tmp_path):
    settings = load.load(write(tmp_path, batch=2))
    assert main(["estimate", "--plasticity-strength", "strong", "--config", str(tmp_path / "tiny.yaml")]) == 0
    whole = arrays.load(tmp_path / "results/estimate/strong.safetensors")
    resumed = InPieces("estimate", settings, STRONG)
    samples = compute(resumed).outputs["samples"]
    assert [done for done, _ in resumed.seen] == [2, 4, NETWORKS]
    truth = samples["difference.noise0.horizon0"]
    assert len(torch.unique(truth, dim=0)) == NETWORKS, "every network is another one"
    assert samples.keys() == whole.keys()
    assert all(torch.equal(samples[name], whole[name]) for name in whole)
