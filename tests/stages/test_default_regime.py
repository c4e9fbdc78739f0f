"""The default settings are the regime in which the rule matters: tuned theta_33 learns, theta_11 does not."""

import torch

from threefactor.pipeline.settings.model import Config
from threefactor.experiment import build as assemble
from threefactor.training.learning_run import train


def share_at_criterion(name, networks):
    """Train networks of the default experiment under a rule."""
    config, device = Config(), torch.device("cpu")
    network = assemble.network(config, range(networks), device, purpose="test")
    rule = assemble.learning_rule(config, name, None, device)
    source = assemble.noise(config, "test")
    result = train(rule, network, assemble.environment(config), assemble.criterion(config), generator=source)
    assert not result.diverged.any()
    return result.reached.double().mean().item()


def test_tuned_theta_33_learns_within_2000_trials():
    assert share_at_criterion("theta_33", 64) >= 0.8


def test_theta_11_never_learns():
    assert share_at_criterion("theta_11", 16) == 0
