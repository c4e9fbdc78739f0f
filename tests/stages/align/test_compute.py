"""Alignment is of trials after the burn-in of the baselines: those before them are run and left out."""

import pandas as pd
import pytest
import torch

from threefactor.cli.main import main
from threefactor.experiment import build, build_rule
from threefactor.experiment.solutions import network_of
from threefactor.experiment.view import everything
from threefactor.network.bptt import reward_gradient
from threefactor.pipeline.settings import load
from threefactor.pipeline.storage import arrays
from threefactor.stages.align.tables import TABLES
from threefactor.training.environment import experience
from threefactor.training.trial import learn, start_learning

NETWORKS, TRIAL_TYPES, BLOCKS, BURN_IN = 3, 4, 4, 8
SNAPSHOTS = (0, 6)

TINY = f"""
device: cpu
precision: float64
task: {{duration_ms: 200.0}}
network: {{units: 12}}
perturbation: {{rate_per_ms: 0.01}}
plasticity: {{warm_up_trials: 0, gate_error: 0.5, gate_baseline: 0.4}}
criterion: {{window: 5, horizon: 5}}
metalearn: {{rules: {{learned_random: {{start: random}}}}}}
retrain: {{networks: {NETWORKS}, batches: 1, rules: [theta_33], snapshots: [0, 6], horizon: 7}}
align:
  networks: {NETWORKS}
  burn_in: {BURN_IN}
  blocks: {BLOCKS}
  draws: 1
  snapshots: [0, 6]
  subspace_degree: 1
  subspace_terms: all
tracking: {{uri: ""}}
"""


@pytest.fixture(scope="module")
def aligned(tmp_path_factory):
    """Return the settings, networks at each snapshot, and tables by what stands behind the number of the batch."""
    root = tmp_path_factory.mktemp("align")
    path = root / "tiny.yaml"
    path.write_text(f"{TINY}\nresults: {root}/results\n")
    for stage in ("retrain", "align"):
        assert main([stage, "--learning-rule", "theta_33", "--batch", "0", "--config", str(path)]) == 0
    tables = {
        name: pd.read_csv(root / f"results/align/theta_33/0{name}.csv")
        for name in ("", ".similarity", ".descent")
    }
    solutions = arrays.load(root / "results/retrain/theta_33/0.safetensors")
    networks = [network_of(solutions, "snapshot", "tanh", s) for s in range(len(SNAPSHOTS))]
    return everything(load.load(path)), networks, tables


def sampled(settings, network, s, last):
    """Run the trials at one snapshot, putting the weights back each time: update, gradient, reward of each."""
    rule = build_rule.learning_rule(settings, "theta_33", None, torch.device("cpu"))._replace(warm_up=0)
    environment, source = build.environment(settings), build.noise(settings, "align", 0, s)
    learner, found = start_learning(rule, network, TRIAL_TYPES), []
    for h in range(last):
        happened = experience(environment, network, h, generator=source(h))
        learner, outcome = learn(rule, learner, *happened)
        learner = learner._replace(network=network)
        gradient = reward_gradient(network, outcome.trajectory, outcome.feedback.output_gradient)
        found.append((outcome.update, gradient, outcome.feedback.reward))
    return tuple(torch.stack(part) for part in zip(*found, strict=True))


def by_hand(settings, network, s, first, last):
    """Average update, gradient and reward of some trials; cosine and reward."""
    update, gradient, reward = (part[first:last].mean(0) for part in sampled(settings, network, s, last))
    cosine = torch.cosine_similarity(update.flatten(1), gradient.flatten(1), dim=1)
    return cosine.numpy(), reward.numpy()


@pytest.mark.parametrize("s", range(len(SNAPSHOTS)))
def test_trials_of_the_burn_in_are_left_out(aligned, s):
    settings, networks, tables = aligned
    table = tables[""].query(f"compared == 'theta_33' and trial_type == 'all' and snapshot == {s}")
    last = BURN_IN + BLOCKS * TRIAL_TYPES
    cosine, reward = by_hand(settings, networks[s], s, BURN_IN, last)
    assert table.network.tolist() == [0, 1, 2]
    assert set(table.trial) == {SNAPSHOTS[s]}
    assert table.cosine.to_numpy() == pytest.approx(cosine, rel=1e-9)
    assert table.reward.to_numpy() == pytest.approx(reward, rel=1e-9)
    for first, end in ((0, last), (0, last - BURN_IN)):
        other, _ = by_hand(settings, networks[s], s, first, end)
        assert abs(table.cosine.to_numpy() - other).max() > 0.01, "the burn-in makes a difference here"


def test_networks_are_those_of_the_snapshots(aligned):
    settings, networks, _ = aligned
    fresh = build.network(settings, range(NETWORKS), torch.device("cpu"), purpose="retrain")
    assert torch.equal(networks[0].weights, fresh.weights)
    assert not torch.equal(networks[1].weights, fresh.weights)


def test_weighted_gradients_are_those_of_the_types_as_the_gate_weights_them(aligned):
    settings, networks, tables = aligned
    table = tables[""].query("compared == 'theta_33' and trial_type == 'weighted' and snapshot == 0")
    update, gradient, reward = (
        part[BURN_IN:].unflatten(0, (BLOCKS, TRIAL_TYPES)).mean(0)
        for part in sampled(settings, networks[0], 0, BURN_IN + BLOCKS * TRIAL_TYPES)
    )
    f = 1 + 0.4 * (reward**2 - 1) / (reward**2 + 1)  # at the baseline, where the error counts nothing
    weight = f * reward.abs() ** settings.plasticity.baseline_exponent
    goal = sum(weight[y, :, None, None] * gradient[y] for y in range(TRIAL_TYPES))
    cosine = torch.cosine_similarity(update.mean(0).flatten(1), goal.flatten(1), dim=1)
    assert table.cosine.to_numpy() == pytest.approx(cosine.numpy(), rel=1e-9)


def test_every_rule_type_pair_and_step_has_its_row(aligned):
    settings, _, tables = aligned
    seen = NETWORKS * len(SNAPSHOTS)
    rules = ["theta_33", *settings.align.references]
    terms = [f"term_{k}{l}" for k in (0, 1) for l in (0, 1)]
    whole = tables[""]
    for name, end in (("alignment", ""), ("similarity", ".similarity"), ("descent", ".descent")):
        assert list(tables[end]) == TABLES[name].names()
    assert set(whole.compared) == {*rules, *terms, "shuffled"}
    assert len(whole) == seen * (len(rules) + len(terms) + 1) * (TRIAL_TYPES + 2)
    count = len(rules) + len(terms)
    assert len(tables[".similarity"]) == seen * count * (count - 1) / 2
    descent = tables[".descent"]
    assert set(descent.direction) == {"theta_33", "gradient"}
    assert len(descent) == seen * 2 * len(settings.align.descent_steps)
    steepest = descent[descent.direction == "gradient"]
    slope = (steepest.predicted / steepest.step).groupby([steepest.network, steepest.snapshot])
    assert slope.max().to_numpy() == pytest.approx(slope.min().to_numpy()), "linear in the step"


def test_a_rule_without_one_of_the_snapshots_has_tables_without_rows(tmp_path):
    """As one that is followed for less than the first snapshot that is compared."""
    path = tmp_path / "tiny.yaml"
    text = TINY.replace("\n  snapshots: [0, 6]", "\n  snapshots: [6]").replace("horizon: 7}", "horizon: 2}")
    path.write_text(f"{text}\nresults: {tmp_path}/results\n")
    for stage in ("retrain", "align"):
        assert main([stage, "--learning-rule", "theta_33", "--batch", "0", "--config", str(path)]) == 0
    for name, end in (("alignment", ""), ("similarity", ".similarity"), ("descent", ".descent")):
        table = pd.read_csv(tmp_path / f"results/align/theta_33/0{end}.csv")
        assert not len(table)
        assert list(table) == TABLES[name].names()


def test_what_rules_declare_decides_how_they_are_averaged(tmp_path):
    """Rules that follow derivatives are averaged over fewer draws; one that mixes trial types has no row for each."""
    path, tables = tmp_path / "tiny.yaml", []
    for quiet in (1, 2):
        align = f"draws: 2\n  quiet_draws: {quiet}\n  references: [node_perturbation, rflo, bptt]"
        path.write_text(f"{TINY}\nresults: {tmp_path}/results\n".replace("draws: 1", align))
        for stage in ("retrain", "align")[quiet - 1 :]:
            assert main([stage, "--learning-rule", "theta_33", "--batch", "0", "--config", str(path)]) == 0
        tables.append(pd.read_csv(tmp_path / "results/align/theta_33/0.csv"))
    few, many = (table[table.trial_type == "all"].set_index("compared").update_norm for table in tables)
    for rule in ("theta_33", "node_perturbation"):
        assert (few[rule].to_numpy() == many[rule].to_numpy()).all()
    for rule in ("rflo", "bptt"):
        assert (few[rule].to_numpy() != many[rule].to_numpy()).all()
    counts = tables[0].groupby("compared").trial_type.nunique()
    assert counts["bptt"] == 1
    assert counts["rflo"] == 2 + TRIAL_TYPES
