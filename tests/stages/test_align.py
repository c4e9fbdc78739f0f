"""Alignment is of trials in which the baselines are settled: those before them are lived through and left out."""

import pandas as pd
import pytest
import torch

from threefactor.cli.main import main
from threefactor.config import load
from threefactor.network.bptt import reward_gradient
from threefactor.stages import assemble
from threefactor.training.environment import experience
from threefactor.training.trial import learn, start_learning

NETWORKS, KINDS, BLOCKS, SETTLE = 3, 4, 4, 8

TINY = f"""
device: cpu
precision: float64
task: {{duration_ms: 200.0}}
network: {{units: 12}}
perturbation: {{rate_per_ms: 0.01}}
plasticity: {{warm_up_trials: 0}}
criterion: {{window: 5, horizon: 5}}
metalearn: {{rules: {{learned_random: {{start: random}}}}}}
retrain: {{networks: {NETWORKS}, batches: 1, rules: [theta_33], snapshots: [0]}}
align: {{networks: {NETWORKS}, settle: {SETTLE}, blocks: {BLOCKS}, draws: 1, snapshots: [0], span_degree: 1, span_terms: all}}
tracking: {{uri: ""}}
"""


@pytest.fixture(scope="module")
def aligned(tmp_path_factory):
    """Return the settings, and the rows of the alignment at the first snapshot."""
    root = tmp_path_factory.mktemp("align")
    path = root / "tiny.yaml"
    path.write_text(f"{TINY}\nresults: {root}/results\n")
    for stage in ("retrain", "align"):
        assert main([stage, "--learning-rule", "theta_33", "--batch", "0", "--config", str(path)]) == 0
    table = pd.read_csv(root / "results/align/theta_33/0.csv")
    return load.load(path), table[(table.compared == "theta_33") & (table.trial_type == "all")]


def by_hand(config, first, last):
    """Live through the trials, putting the weights back each time; average update, gradient, reward of some."""
    device = torch.device("cpu")
    network = assemble.network(config, range(NETWORKS), device, purpose="retrain")
    rule = assemble.learning_rule(config, "theta_33", None, device)._replace(warm_up=0)
    environment, source = assemble.environment(config), assemble.noise(config, "align", 0, 0)
    learner, found = start_learning(rule, network, KINDS), []
    for h in range(last):
        lived = experience(environment, network, h, generator=source(h))
        learner, outcome = learn(rule, learner, *lived)
        learner = learner._replace(network=network)
        gradient = reward_gradient(network, outcome.trajectory, outcome.feedback.output_gradient)
        found.append((outcome.update, gradient, outcome.feedback.reward))
    update, gradient, reward = (torch.stack(part).mean(0) for part in zip(*found[first:], strict=True))
    cosine = torch.cosine_similarity(update.flatten(1), gradient.flatten(1), dim=1)
    return cosine.numpy(), reward.numpy()


def test_trials_before_the_baselines_are_settled_are_left_out(aligned):
    config, table = aligned
    last = SETTLE + BLOCKS * KINDS
    cosine, reward = by_hand(config, SETTLE, last)
    assert table.cosine.to_numpy() == pytest.approx(cosine, rel=1e-9)
    assert table.reward.to_numpy() == pytest.approx(reward, rel=1e-9)
    for first, end in ((0, last), (0, last - SETTLE)):
        other, _ = by_hand(config, first, end)
        assert abs(table.cosine.to_numpy() - other).max() > 0.01, "settling makes a difference here"
