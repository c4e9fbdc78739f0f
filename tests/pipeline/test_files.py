"""Files of jobs: what waits for what."""

from threefactor.pipeline import files, registry
from threefactor.pipeline.settings import load


def inputs(stage, raw, **values):
    """Return the files that a job reads, by name."""
    return files.of_job(load.parse(raw), registry.stages()[stage], values).inputs


def test_the_start_of_a_learned_rule_waits_for_its_scaling():
    def theta(rule):
        return inputs("retrain", {}, learning_rule=rule, batch="0")["theta"]

    assert theta("start_learned_random") == ["results/metalearn/learned_random/theta.csv"]
    assert theta("learned_random") == ["results/metalearn/learned_random/theta.csv"]
    assert theta("theta_33") == []


def test_learned_rules_of_the_raw_deviation_alone_are_recovered():
    def theta(deviation):
        rules = {"a": {"start": "random", "deviation": "standardised"}, "b": {"start": "random"}}
        raw = {
            "metalearn": {"rules": rules},
            "plasticity": {"deviation": deviation},
            "retrain": {"rules": ["b"]},
        }
        return inputs("recover", raw)["theta"]

    assert theta("raw") == ["results/metalearn/b/theta.csv"]
    assert theta("normalised") == []


def test_all_files_of_a_stage_are_those_of_its_jobs():
    config = load.parse({"tune": {"rules": ["theta_33", "bptt"]}})
    made = {f"results/tune/{rule}/{name}.csv" for rule in ("theta_33", "bptt") for name in ("draws", "tuned")}
    assert set(files.of_stage(config, "tune")) == made
