"""Networks out of files."""

import torch

from threefactor.experiment import build
from threefactor.experiment.solutions import OPTIONAL, network_of
from threefactor.experiment.view import everything
from threefactor.pipeline.settings import load

SETTINGS = everything(load.parse({"network": {"units": 16, "readout": "random", "feedback": 0.5}}))


def test_networks_are_those_that_were_written_with_what_is_fed_back():
    net = build.network(SETTINGS, range(2), torch.device("cpu"), purpose="test")
    written = {"clamped": net.clamped, "clamped_state": net.clamped_state, "leak": torch.tensor([net.leak])}
    written |= {"initial.weights": net.weights, "initial.output_weights": net.output_weights}
    written |= {
        name: part for name in (*OPTIONAL, "input_weights") if (part := getattr(net, name)) is not None
    }
    found = network_of(written, "initial", "tanh")
    assert torch.equal(found.feedback_weights, net.feedback_weights)
    assert found.feedback_weights.abs().max() > 0.4
    assert found.sign is None
