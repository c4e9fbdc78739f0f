"""Batches of retraining: each gain has as many, which take turns."""

import torch

from threefactor.experiment import build, retrained_batches
from threefactor.experiment.view import everything
from threefactor.pipeline.settings import load

GAINS = [0.9, 1.2, 1.5]


def config(gains, batches=2, **more):
    rules = ["theta_33", "bptt"]
    return load.parse({"retrain": {"rules": rules, "batches": batches, "gains": gains}, **more})


def test_each_gain_has_as_many_batches():
    assert retrained_batches.count(config([])) == 2
    assert retrained_batches.count(config(GAINS)) == 6
    jobs = list(retrained_batches.jobs(config(GAINS)))
    assert [job["batch"] for job in jobs if job["learning_rule"] == "bptt"] == list("012345")
    assert len(jobs) == 2 * 6


def test_batches_have_the_gains_in_turn():
    settings = everything(config(GAINS))
    found = [retrained_batches.under_gain(settings, batch).network.gain for batch in range(6)]
    assert found == GAINS * 2
    assert settings.network.gain == load.parse({}).network.gain, "untouched"


def test_without_gains_a_batch_has_that_of_the_network():
    settings = everything(config([], network={"gain": 1.1}))
    assert [retrained_batches.under_gain(settings, batch).network.gain for batch in range(2)] == [1.1] * 2


def test_initial_weights_have_the_gain_of_their_batch():
    settings = everything(config([0.5, 2.0], network={"units": 40}))
    ids, device = [3], torch.device("cpu")
    small, large = (
        build.network(retrained_batches.under_gain(settings, batch), ids, device, purpose="retrain")
        for batch in (0, 1)
    )
    torch.testing.assert_close(4 * small.weights, large.weights)
    assert torch.equal(small.input_weights, large.input_weights)


def test_a_job_waits_for_the_tuning_of_its_own_rule_alone():
    settings = config([], tune={"rules": ["theta_33"]})
    assert list(retrained_batches.tuned(settings, {"learning_rule": "theta_33"})) == [
        {"tuned_rule": "theta_33"}
    ]
    assert list(retrained_batches.tuned(settings, {"learning_rule": "bptt"})) == []
    assert list(retrained_batches.own_rule(settings, {"learning_rule": "bptt"})) == ["bptt"]


def test_a_job_waits_for_the_theta_that_it_learns_by():
    settings = load.parse({"retrain": {"rules": ["start_learned_random", "theta_33"]}})
    found = list(retrained_batches.learned(settings, {"learning_rule": "start_learned_random"}))
    assert found == [{"learned_rule": "learned_random"}]
    assert list(retrained_batches.learned(settings, {"learning_rule": "theta_33"})) == []
