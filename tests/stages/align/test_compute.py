"""Alignment is of trials in which the baselines are settled: those before them are lived through and left out."""

import pandas as pd
import pytest
import torch

from threefactor.cli.main import main
from threefactor.experiment import build as assemble
from threefactor.network.bptt import reward_gradient
from threefactor.pipeline.settings import load
from threefactor.training.environment import experience
from threefactor.training.trial import learn, start_learning

NETWORKS, KINDS, BLOCKS, BURN_IN = 3, 4, 4, 8

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
align:
  {{networks: {NETWORKS}, settle: {BURN_IN}, blocks: {BLOCKS}, draws: 1, snapshots: [0], subspace_degree: 1, subspace_terms: all}}
tracking: {{uri: ""}}
"""


@pytest.fixture(scope="module")
def aligned(tmp_path_factory):
    """Return the settings, and the tables of the alignment, by what stands behind the number of the batch."""
    root = tmp_path_factory.mktemp("align")
    path = root / "tiny.yaml"
    path.write_text(f"{TINY}\nresults: {root}/results\n")
    for stage in ("retrain", "align"):
        assert main([stage, "--learning-rule", "theta_33", "--batch", "0", "--config", str(path)]) == 0
    tables = {
        name: pd.read_csv(root / f"results/align/theta_33/0{name}.csv")
        for name in ("", ".similarity", ".descent")
    }
    return load.load(path), tables


def sampled(config, last):
    """Live through the trials, putting the weights back each time: update, gradient, reward of each."""
    device = torch.device("cpu")
    network = assemble.network(config, range(NETWORKS), device, purpose="retrain")
    rule = assemble.learning_rule(config, "theta_33", None, device)._replace(warm_up=0)
    environment, source = assemble.environment(config), assemble.noise(config, "align", 0, 0)
    learner, found = start_learning(rule, network, KINDS), []
    for h in range(last):
        happened = experience(environment, network, h, generator=source(h))
        learner, outcome = learn(rule, learner, *happened)
        learner = learner._replace(network=network)
        gradient = reward_gradient(network, outcome.trajectory, outcome.feedback.output_gradient)
        found.append((outcome.update, gradient, outcome.feedback.reward))
    return tuple(torch.stack(part) for part in zip(*found, strict=True))


def by_hand(config, first, last):
    """Average update, gradient and reward of some trials; cosine and reward."""
    update, gradient, reward = (part[first:last].mean(0) for part in sampled(config, last))
    cosine = torch.cosine_similarity(update.flatten(1), gradient.flatten(1), dim=1)
    return cosine.numpy(), reward.numpy()


def test_trials_before_the_baselines_are_settled_are_left_out(aligned):
    config, tables = aligned
    table = tables[""].query("compared == 'theta_33' and trial_type == 'all'")
    last = BURN_IN + BLOCKS * KINDS
    cosine, reward = by_hand(config, BURN_IN, last)
    assert table.cosine.to_numpy() == pytest.approx(cosine, rel=1e-9)
    assert table.reward.to_numpy() == pytest.approx(reward, rel=1e-9)
    for first, end in ((0, last), (0, last - BURN_IN)):
        other, _ = by_hand(config, first, end)
        assert abs(table.cosine.to_numpy() - other).max() > 0.01, "settling makes a difference here"


def test_weighted_gradients_are_those_of_the_types_as_the_gate_weights_them(aligned):
    config, tables = aligned
    table = tables[""].query("compared == 'theta_33' and trial_type == 'weighted'")
    update, gradient, reward = (
        part[BURN_IN:].unflatten(0, (BLOCKS, KINDS)).mean(0)
        for part in sampled(config, BURN_IN + BLOCKS * KINDS)
    )
    weight = reward.abs() ** config.plasticity.baseline_exponent
    goal = sum(weight[y, :, None, None] * gradient[y] for y in range(KINDS))
    cosine = torch.cosine_similarity(update.mean(0).flatten(1), goal.flatten(1), dim=1)
    assert table.cosine.to_numpy() == pytest.approx(cosine.numpy(), rel=1e-9)


def test_every_rule_type_pair_and_step_has_its_row(aligned):
    config, tables = aligned
    rules = ["theta_33", *config.align.references]
    terms = [f"term_{k}{l}" for k in (0, 1) for l in (0, 1)]
    whole = tables[""]
    assert set(whole.compared) == {*rules, *terms, "shuffled"}
    assert len(whole) == NETWORKS * (len(rules) + len(terms) + 1) * (KINDS + 2)
    count = len(rules) + len(terms)
    assert len(tables[".similarity"]) == NETWORKS * count * (count - 1) / 2
    descent = tables[".descent"]
    assert set(descent.direction) == {"theta_33", "gradient"}
    assert len(descent) == NETWORKS * 2 * len(config.align.descent_steps)
    steepest = descent[descent.direction == "gradient"]
    slope = (steepest.predicted / steepest.step).groupby(steepest.network)
    assert slope.max().to_numpy() == pytest.approx(slope.min().to_numpy()), "linear in the step"
