"""The module that runs alone does what `simulate` does, and learns on."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from network_options import CASES, options_network
from small_runs import BATCH, OFF, ON, STEPS, UNITS, experiences, network
from threefactor.kernels.backend import using
from threefactor.network import rate_network
from threefactor.network.rate_network import Answers, RateNetwork, load
from threefactor.network.simulate import simulate
from threefactor.training.batch import select

ROUNDING = {"rtol": 1e-12, "atol": 1e-13}
"""Compiled scans sum in another order, and few steps and units let that grow little."""

NETWORKS = {
    "tanh": network(ON),
    "tanh, none clamped": network(OFF),
    **{name: options_network(options, phi, links) for name, (options, phi, links, _) in CASES.items()},
}


def module_of(net, **more):
    return RateNetwork(**net._asdict(), **more)


@pytest.mark.parametrize("name", NETWORKS)
def test_it_runs_as_simulate_does(name):
    net, (trial,) = NETWORKS[name], experiences(1)
    run = (trial.trial.inputs, trial.start, trial.perturbation)
    output, state = module_of(net)(*run)
    with using("torch"):
        expected = simulate(net, *run)
    assert torch.equal(output, expected.output)
    assert torch.equal(state, expected.state)
    compiled = simulate(net, *run)
    torch.testing.assert_close(output, compiled.output, **ROUNDING)
    torch.testing.assert_close(state, compiled.state, **ROUNDING)


def test_without_more_it_starts_at_rest_and_without_noise():
    net, (trial,) = network(ON), experiences(1)
    output, state = module_of(net)(trial.trial.inputs)
    start = net.clamped_state.expand(BATCH, -1).to(output)
    assert torch.equal(state[:, 0], start)
    noise = torch.zeros(BATCH, STEPS, UNITS, dtype=output.dtype)
    torch.testing.assert_close(output, simulate(net, trial.trial.inputs, start, noise).output, **ROUNDING)


def test_one_network_takes_any_number_of_trials():
    net, trials = network(ON), torch.cat([one.trial.inputs for one in experiences(3)])
    of_one = module_of(net, numbers=torch.tensor([7, 8])).one(1)
    assert of_one.numbers.tolist() == [8]
    output, state = of_one(trials)
    copies = select(net, torch.ones(len(trials), dtype=torch.int64))
    expected = module_of(copies)(trials)
    torch.testing.assert_close(output, expected[0], **ROUNDING)
    torch.testing.assert_close(state, expected[1], **ROUNDING)


@pytest.mark.parametrize("shape", [(BATCH + 1, STEPS, 3), (BATCH, STEPS, 2), (STEPS, 3)])
def test_inputs_that_do_not_fit_are_refused(shape):
    with pytest.raises(ValueError, match=rf"\({shape[0]}, .*must be {BATCH} trials, time steps, 3 channels"):
        module_of(network(ON))(torch.zeros(shape, dtype=torch.float64))


@pytest.mark.parametrize("name", ["tanh", "relu, some synapses, Dale"])
def test_a_step_of_an_optimiser_lowers_the_error(name):
    net, (one,) = NETWORKS[name], experiences(1)
    module = module_of(net)
    assert [key for key, part in module.named_parameters() if part.requires_grad] == ["weights"]
    optimiser = torch.optim.SGD(module.parameters(), lr=1e-3)

    def error():
        output, _ = module(one.trial.inputs, one.start, one.perturbation)
        return (output - one.trial.target).square().mean()

    first = error()
    first.backward()
    optimiser.step()
    module.hold()
    assert error() < first
    assert not torch.equal(module.weights, net.weights)


def test_weights_that_no_synapse_can_have_are_held_at_zero():
    net = NETWORKS["relu, some synapses, Dale"]
    module = module_of(net)
    with torch.no_grad():
        module.weights += torch.where(net.weights > 0, -1.0, 1.0)  # turns the sign of many
        wrong = (module.weights * net.sign < 0) | ~net.exists
    assert wrong.any()
    before = module.weights.detach().clone()
    module.hold()
    assert torch.equal(module.weights, before.masked_fill(wrong, 0))


ALONE = """
import sys
sys.modules["threefactor"] = None  # importing it fails
import torch
from rate_network import load
module = load("networks.pt")
output, state = module(torch.load("inputs.pt"))
torch.save((output, state), "found.pt")
print(module.about["task"], module.numbers.tolist())
"""


def test_it_runs_where_there_is_no_threefactor(tmp_path):
    net, inputs = NETWORKS["softplus, some synapses"], experiences(1)[0].trial.inputs
    module = module_of(net, numbers=torch.tensor([4, 2]), about={"task": "dnms"})
    module.save(tmp_path / "networks.pt")
    torch.save(inputs, tmp_path / "inputs.pt")
    (tmp_path / "rate_network.py").write_text(Path(rate_network.__file__).read_text())
    command = [sys.executable, "-c", ALONE]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["dnms", "[4,", "2]"], done.stderr
    for found, expected in zip(torch.load(tmp_path / "found.pt"), module(inputs), strict=True):
        assert torch.equal(found, expected)


def test_what_was_trained_on_is_saved_and_read_again(tmp_path):
    module = module_of(NETWORKS["relu, some synapses, Dale"])
    with torch.no_grad():
        module.weights *= 0.5
    module.save(tmp_path / "a.pt")
    again = load(tmp_path / "a.pt")
    assert again.state_dict().keys() == module.state_dict().keys()
    for name, part in module.state_dict().items():
        assert torch.equal(again.state_dict()[name], part)
    assert (again.leak, again.activation) == (module.leak, "relu")


def test_predictions_are_of_every_network_in_every_trial(tmp_path):
    net = network(ON)
    module_of(net).save(tmp_path / "a.pt")
    inputs = torch.cat([one.trial.inputs for one in experiences(2)])[:3]
    found = Answers(load(tmp_path / "a.pt")).predict(inputs.numpy())
    assert found.shape == (3, BATCH, STEPS, 2)
    for trial, shown in enumerate(inputs):
        output, _ = module_of(net)(shown.expand(BATCH, -1, -1))
        torch.testing.assert_close(torch.from_numpy(found[trial]), output, **ROUNDING)
