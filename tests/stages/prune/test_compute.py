"""Stage prune: contributions of terms, and the path from dense to sparse."""

import numpy as np
import pandas as pd
import pytest
import torch

from stages.in_pieces import InPieces
from threefactor.experiment import build, build_problem, build_rule, learning_runs
from threefactor.experiment.view import everything, value_at
from threefactor.metalearning import held_out
from threefactor.pipeline.settings import load
from threefactor.stages.prune.compute import compute

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
    dense: {start: random, terms: ['13', '31', '33'], eligibility_time_ms: 100.0}
    small: {start: random, terms: ['22', '33'], hyperparameters: [perturbation.size]}
prune: {weights: [1.0e-10, 2.0e-10, 1.0e+6], steps: 2, networks: 3, trials: 12, bootstraps: 20}
retrain: {rules: [theta_33]}
tracking: {uri: ""}
"""
DENSE = [1.0, -2.0, 0.5]


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    path = tmp_path_factory.mktemp("prune") / "tiny.yaml"
    path.write_text(TINY)
    return load.load(path)


def pruned(config, name="dense", terms=((1, 3), (3, 1), (3, 3)), values=DENSE, hyperparameters=None):
    """Prune a rule whose scaled theta is given."""
    theta = pd.DataFrame(terms, columns=["k", "l"]).assign(theta_scaled=values)
    rows = [(key, value_at(config, key), value) for key, value in (hyperparameters or {}).items()]
    table = pd.DataFrame(rows, columns=["name", "start", "value"])
    work = InPieces("prune", config, {"learned_rule": name}, {"theta": theta, "hyperparameters": table})
    return compute(work).outputs, work


def test_the_path_ends_where_nothing_is_left(config):
    found, work = pruned(config)
    path, contributions = found["path"], found["contributions"]
    assert path.weight.tolist() == [0.0, 1e-10, 2e-10], "a weight that leaves nothing is not on the path"
    assert path.trials.tolist() == [0, 72, 144]
    assert path.terms.tolist() == [3, 3, 3]
    assert path.smoothed_error_rate[0] == contributions.smoothed_error_rate[0]
    assert path.filter(like="theta_scaled").iloc[0].tolist() == DENSE
    thetas = path.filter(like="theta_scaled").to_numpy()
    assert np.linalg.norm(thetas[1:], axis=1) == pytest.approx(5.25**0.5), "the norm that it was learned at"
    assert (thetas[1] != thetas[0]).all()
    assert [done for done, _ in work.seen] == [12, 24, 36, 48, 48]


@pytest.mark.parametrize("size", [0.5, 1.0])
def test_a_contribution_is_what_the_rule_loses_without_the_term(config, size):
    """Under the hyperparameters that were learned with it."""
    terms, values = ((2, 2), (3, 3)), [0.3, -4.0]
    found, work = pruned(config, "small", terms, values, {"perturbation.size": size})
    contributions = found["contributions"]
    assert contributions["without"].tolist() == ["nothing", "22", "33"]
    assert contributions.theta_scaled.tolist()[1:] == values
    settings = everything(config).changed({"perturbation.size": size})
    network = build.network(settings, range(3), torch.device("cpu"), purpose="prune held out")
    scale = scale_of(work)
    rates = []
    for kept in ([1, 1], [0, 1], [1, 0]):
        theta = torch.tensor(values, dtype=torch.float64) * torch.tensor(kept) * scale
        rule = build_rule.polynomial(settings, terms, theta)
        rule = rule._replace(params=rule.params._replace(theta=rule.params.theta[None]))
        score = held_out.score(
            rule,
            network,
            build.environment(settings),
            build.criterion(settings, 12),
            generator=build.noise(settings, "prune held out"),
        )
        rates.append(score.smoothed_error_rate.mean().item())
    assert contributions.smoothed_error_rate.tolist() == pytest.approx(rates)
    assert contributions.change.tolist() == pytest.approx([rate - rates[0] for rate in rates])
    assert rates[0] != rates[2]


def scale_of(work):
    source = learning_runs.source(work.settings, work.wildcards["learned_rule"], work.device)
    return build_problem.measure(source).system.scale
