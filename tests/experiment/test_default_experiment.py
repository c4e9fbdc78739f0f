"""The default settings are those in which the rule matters: tuned theta_33 learns, theta_11 does not."""

import torch

from threefactor.experiment import build, build_rule
from threefactor.experiment.view import everything
from threefactor.pipeline.settings import load
from threefactor.training.learning_run import train


def share_at_criterion(name, networks):
    """Train networks of the default experiment under a rule."""
    settings, device = everything(load.parse({})), torch.device("cpu")
    network = build.network(settings, range(networks), device, purpose="test")
    rule = build_rule.learning_rule(settings, name, None, device)
    source = build.noise(settings, "test")
    result = train(rule, network, build.environment(settings), build.criterion(settings), generator=source)
    assert not result.diverged.any()
    return result.reached.double().mean().item()


def test_tuned_theta_33_learns_within_2000_trials():
    assert share_at_criterion("theta_33", 64) >= 0.8


def test_theta_11_never_learns():
    assert share_at_criterion("theta_11", 16) == 0
