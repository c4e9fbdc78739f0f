import numpy as np
import pytest
import torch

from made import drawn, expect_labelled
from stages.analyse.solutions_of_rules import HORIZON, solutions
from threefactor.experiment import build, build_rule
from threefactor.experiment.view import everything
from threefactor.pipeline.settings import load
from threefactor.stages.analyse.figures import plasticity_dynamics
from threefactor.training.environment import experience
from threefactor.training.trial import learn, start_learning

LAST = 2  # to reach the criterion


@pytest.fixture
def config(tmp_path):
    return load.parse(
        {"results": str(tmp_path), "network": {"units": 16}, "perturbation": {"rate_per_ms": 0.004}}
    )


def test_one_trial_is_drawn_and_stated(config):
    made = solutions(everything(config), "theta_33")
    other = solutions(everything(config), "bptt")
    results = {"retrain/bptt/0.safetensors": other, "retrain/theta_33/0.safetensors": made}
    figure, found, words = drawn(config, "plasticity_dynamics", results)
    expect_labelled(figure)
    assert found["learning_rule"] == "theta_33", "the first of θ₃₃ is shown, whatever comes before it"
    assert found["trials_of_training"] == HORIZON
    assert (found["trial_type"], len(found["units"])) == ("ab", 5)
    assert found["perturbations"] > 0
    for number in ("ab", "60", str(found["perturbations"])):
        assert number in words


def test_without_the_rule_a_network_of_the_first_is_shown(config):
    results = {"retrain/bptt/0.safetensors": solutions(everything(config), "bptt")}
    assert drawn(config, "plasticity_dynamics", results).findings["learning_rule"] == "bptt"


def test_trials_after_diverging_do_not_count(config):
    made = solutions(everything(config), "theta_33", (-1, 40, 50, 55))
    found = drawn(config, "plasticity_dynamics", {"retrain/theta_33/0.safetensors": made}).findings
    assert found["trials_of_training"] == HORIZON - 1


def test_the_trial_shown_is_the_one_that_learning_would_run(config):
    settings = everything(config)
    made = solutions(settings, "theta_33")
    shown = plasticity_dynamics.trial(settings, "theta_33", made)
    assert np.array_equal(shown.error, made["error"][LAST].numpy())
    network = build.network(settings, [LAST], torch.device("cpu"), purpose="retrain")
    environment, source = build.environment(settings), build.noise(settings, "figures")
    sampled = experience(environment, network, 1, generator=source(1))
    rule = build_rule.learning_rule(settings, "theta_33", None, torch.device("cpu"))
    _, outcome = learn(rule, start_learning(rule, network, 4), *sampled)
    assert np.array_equal(shown.output, outcome.trajectory.output[0].double().numpy())
    perturbed = shown.perturbation != 0
    assert perturbed.any()
    opposite = -np.sign(shown.perturbation[perturbed]) == np.sign(shown.deviation[perturbed])
    assert opposite.mean() > 0.7  # old minus new: a perturbation upward makes the deviation negative
    assert not shown.eligibility[network.clamped.numpy()].any()
