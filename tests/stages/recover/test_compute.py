"""Stage recover: ground-truth rules come back exactly; one with collinear terms stops nothing."""

import logging

import pandas as pd
import pytest

from threefactor.cli.main import main
from threefactor.pipeline.storage import outputs
from threefactor.stages.recover.tables import TABLES

TINY = """
device: cpu
task: {duration_ms: 200.0}
network: {units: 16, clamped: {1: 1.0}}
perturbation: {rate_per_ms: 0.01}
plasticity: {warm_up_trials: 4, deviation: normalised}
metalearn: {rules: {learned: {start: random, deviation: raw}, other: {start: random}}}
retrain: {rules: [theta_33]}
recover: {rules: [theta_33, random, theta_12], learned_rules: 2, degree: 3, trials: 10, noise: [0.0, 0.1], repeats: 10}
tracking: {uri: ""}
"""
LEARNED = pd.DataFrame({"k": [1, 3], "l": [2, 3], "start": [0.0, 0.0], "theta": [0.3, -1.2]})
HYPERPARAMETERS = pd.DataFrame(
    {"name": ["plasticity.clip"], "start": [0.00165], "value": [0.003], "unit": [""]}
)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Run the stage on rules of one, two and all terms; the learned one has a clip of its own."""
    folder = tmp_path_factory.mktemp("recover")
    (folder / "tiny.yaml").write_text(
        TINY.replace("start: random, deviation: raw", "start: random, terms: ['12', '33'], deviation: raw")
        + f"results: {folder}/results"
    )
    outputs.save(
        {
            folder / f"results/metalearn/learned/{name}.csv": table
            for name, table in (("theta", LEARNED), ("hyperparameters", HYPERPARAMETERS))
        }
    )
    assert main(["recover", "--config", str(folder / "tiny.yaml")]) == 0
    return folder / "results/recover"


def test_every_rule_comes_back_exactly(results):
    terms = outputs.read_table(results / "terms.csv")
    exact = terms[terms.data == "no noise"].set_index(["learning_rule", "k", "l"])
    assert list(exact.index.unique("learning_rule")) == ["theta_33", "random_3", "theta_12", "learned"]
    assert exact.relative_error.max() < 1e-6
    assert exact.true["theta_33", 3, 3] == -1
    assert exact.recovered["learned", 1, 2] == pytest.approx(0.3, rel=1e-6)
    assert exact.recovered["learned", 3, 3] == pytest.approx(-1.2, rel=1e-6)
    assert (exact.true["random_3"] != 0).all()
    assert exact.groupby("learning_rule").size().unique() == [16]
    assert list(terms.columns) == TABLES["terms"].names()
    noise = terms[["noise_in", "noise", "measurements"]].drop_duplicates()
    assert noise.to_numpy().tolist() == [
        ["nothing", 0.0, 1],
        ["changes", 0.0, 1],
        ["changes", 0.1, 1],
        ["rates", 0.01, 1],
        ["rates", 0.01, 2],
    ]
    assert list(terms.data.unique()) == [
        "no noise",
        "changes ± 0 rms",
        "changes ± 0.1 rms",
        "rates ± 0.01",
        "rates ± 0.01, twice",
    ]
    assert (terms[terms.data == "changes ± 0.1 rms"].relative_error > 1e-3).all()


def test_coverage_is_measured_over_draws(results):
    counted = outputs.read_table(results / "coverage.csv")
    assert list(counted.columns) == TABLES["coverage"].names()
    counted = counted.set_index("learning_rule")
    assert (counted.noise == 0.1).all(), "without noise there is nothing to measure"
    assert (counted.repeats == 10).all()
    assert (counted.coverage > 0.8).all()
    assert counted.false_alarms.isna().to_dict() == {
        "theta_33": False,
        "random_3": True,
        "theta_12": False,
        "learned": False,
    }


def test_a_rule_with_collinear_terms_is_named(tmp_path, caplog):
    silent = TINY.replace(
        "{units: 16,", "{units: 16, input_scale: 0.0, gain: 0.0, start_scale: 0.0,"
    ).replace("rate_per_ms: 0.01", "rate_per_ms: 0.0")
    silent = silent.replace(
        "rules: [theta_33, random, theta_12], learned_rules: 2", "rules: [theta_33], learned_rules: 0"
    )
    (tmp_path / "tiny.yaml").write_text(f"{silent}results: {tmp_path}/results")
    with caplog.at_level(logging.WARNING):
        assert main(["recover", "--config", str(tmp_path / "tiny.yaml")]) == 0
    assert "theta_33 is not recovered: columns" in caplog.text
    terms = outputs.read_table(tmp_path / "results/recover/terms.csv")
    assert terms.learning_rule.tolist() == ["theta_33"]
    assert terms.recovered.isna().all()
    assert outputs.read_table(tmp_path / "results/recover/coverage.csv").empty
