import numpy as np
import pytest
import torch

from made import drawn, expect_labelled
from stages.analyse.retrained import untrained
from threefactor.experiment import build, build_rule
from threefactor.experiment.view import everything
from threefactor.pipeline.settings import load
from threefactor.stages.analyse.figures import plasticity_dynamics
from threefactor.stages.retrain.compute import solution_arrays
from threefactor.training.environment import experience
from threefactor.training.trial import learn, start_learning

REACHED = (-1, 40, 50, -1)  # trials until the criterion
LAST = 2
HORIZON, DIVERGED = 60, 55  # trials of the run, and of the network that is shown


@pytest.fixture
def config(tmp_path):
    return load.parse(
        {
            "results": str(tmp_path),
            "network": {"units": 16},
            "perturbation": {"rate_per_ms": 0.004},
            "retrain": {"horizon": HORIZON, "horizons": {}},
        }
    )


def solutions(settings, rule):
    """Return what is kept of networks of which the last to reach the criterion diverged, and kept its weights."""
    network, wanted, run = untrained(settings, rule, range(len(REACHED)))
    run.error[:] = 1.0
    run.error[LAST, DIVERGED:] = np.nan
    return solution_arrays(network, run._replace(criterion_trial=torch.tensor(REACHED)), wanted)


def test_one_trial_is_drawn_and_stated(config):
    made, other = (solutions(everything(config), rule) for rule in ("theta_33", "bptt"))
    results = {"retrain/bptt/0.safetensors": other, "retrain/theta_33/0.safetensors": made}
    figure, found, words = drawn(config, "plasticity_dynamics", results)
    expect_labelled(figure)
    assert found["learning_rule"] == "theta_33", "the first of θ₃₃ is shown, whatever comes before it"
    assert found["trials_of_training"] == DIVERGED
    assert (found["trial_type"], len(found["units"])) == ("ab", 5)
    assert found["perturbations"] > 0
    for number in ("ab", f"{DIVERGED}", str(found["perturbations"])):
        assert number in words


def test_without_the_rule_a_network_of_the_first_is_shown(config):
    results = {"retrain/bptt/0.safetensors": solutions(everything(config), "bptt")}
    assert drawn(config, "plasticity_dynamics", results).findings["learning_rule"] == "bptt"


def test_the_trial_shown_is_the_one_that_learning_would_run(config):
    settings = everything(config)
    made = solutions(settings, "theta_33")
    shown = plasticity_dynamics.trial(settings, "theta_33", made)
    assert np.array_equal(shown.error, made["error"][LAST].double().numpy(), equal_nan=True)
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
