"""What holds for every learning rule, run as training runs it: through `threefactor.training.trial.learn`."""

from typing import NamedTuple

import pytest
import torch

from learning_rules.easy_task import Sign
from threefactor import seeding
from threefactor.contract import Learner, Rule
from threefactor.experiment import build_rule, rules
from threefactor.experiment.view import everything
from threefactor.network import initial
from threefactor.network.perturbation import Gaussian
from threefactor.network.simulate import simulate
from threefactor.pipeline.settings import load
from threefactor.pipeline.storage import arrays
from threefactor.pipeline.storage.trees import Flat, flatten, restore
from threefactor.training.batch import convert, select
from threefactor.training.environment import Environment, experience
from threefactor.training.evaluation import evaluate
from threefactor.training.trial import draw_exploration, learn, start_learning

BATCH, UNITS, CLAMPED, TRIALS = 3, 8, 1, 100
CPU = torch.device("cpu")
DEVICES = [
    "cpu",
    pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")),
]
PRECISIONS = {"float32": torch.float32, "float64": torch.float64}
NETWORK = {"units": UNITS, "clamped": {CLAMPED: 1.0}, "time_step_ms": 20.0}
PLASTICITY = {"warm_up_trials": 0, "onset_steps": 2, "clip": 0.02, "learning_rate": 1.0}

FAST = {
    "bptt": {"learning_rate": 0.01},
    "exploratory_hebb": {"learning_rate": 2e-4, "trace_decay": 0.8},
    "node_perturbation": {"learning_rate": 0.1},
    "reinforce": {"learning_rate": 0.1},
    "reward_rflo": {"learning_rate": 0.1},
    "weight_perturbation": {"learning_rate": 0.01, "exploration": 0.1},
}
"""Settings under which rules learn the easy task within the trials that the suite runs."""

RULES = ["theta_33", *rules.files()]
every_rule = pytest.mark.parametrize("name", RULES)

TAUGHT = {"full_force"}
"""Rules with a teacher, which asks more of every unit than that the output is right."""


class Case(NamedTuple):
    """A rule with networks and an environment."""

    rule: Rule
    learner: Learner
    environment: Environment


def case(name, *, precision="float64", device="cpu", gain=0.8):
    """Return a rule before its first trial; one that moves the readout has a random one, which is fed back.

    Networks without gain are silent: such a readout begins at zero.
    """
    moves = rules.about(name).moves_readout
    readout = "random" if moves else "unit"
    raw = {"precision": precision, "network": {**NETWORK, "readout": readout}, "plasticity": PLASTICITY}
    own = {"learning_rules": {name: FAST[name]}} if name in FAST else {}
    rule = build_rule.learning_rule(everything(load.parse(raw | own)), name, None, torch.device(device))
    net = initial.draw(
        units=UNITS,
        inputs=1,
        outputs=1,
        gain=gain,
        input_scale=2.0,
        clamped={CLAMPED: 1.0},
        readout=readout,
        leak=0.2,
        feedback=0.5 if moves else 0.0,
        generators=[seeding.generator(3, "network", n) for n in range(BATCH)],
        dtype=torch.float64,
    )
    if moves and gain == 0:
        net = net._replace(weights=0 * net.weights, output_weights=0 * net.output_weights)
    net = convert(net, dtype=PRECISIONS[precision], device=torch.device(device))
    environment = Environment(Sign(), 0.1, Gaussian(0.2))
    return Case(rule, start_learning(rule, net, 2), environment)


def drawn(one, h):
    """Return trial h as `learn` takes it, with the noise of the rule's own: the same in every precision."""
    source, net = seeding.generator(3, "trial", h), one.learner.network
    exact = convert(net, dtype=torch.float64, device=CPU)
    sampled = experience(one.environment, exact, h, generator=source)
    trial = *sampled, draw_exploration(one.rule, exact, sampled.trial, generator=source)
    return convert(trial, dtype=net.weights.dtype, device=net.weights.device)


def taught(one, trials):
    """Return the learner after so many trials, and the outcome of the last."""
    learner, outcome = one.learner, None
    for h in range(trials):
        learner, outcome = learn(one.rule, learner, *drawn(one, h))
    return learner, outcome


def tensors(tree):
    """List the tensors of a tree; what is not known yet is zero."""
    return [part.nan_to_num() for part in flatten(tree).arrays.values()]


@every_rule
@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("precision", PRECISIONS)
def test_shapes_precision_and_device(name, device, precision):
    one = case(name, precision=precision, device=device)
    learner, outcome = taught(one, 3)
    for part in (outcome.update, learner.network.weights):
        assert part.shape == (BATCH, UNITS, UNITS)
        assert part.dtype == PRECISIONS[precision]
        assert part.device.type == device
        assert part.isfinite().all()
    floating = [part for part in flatten(learner.memory).arrays.values() if part.is_floating_point()]
    assert all(part.dtype == PRECISIONS[precision] and part.device.type == device for part in floating)
    exact = taught(case(name), 3)[1].update
    # single precision carries seven digits, and three trials lose two of them
    close = {"rtol": 1e-9, "atol": 1e-12} if precision == "float64" else {"rtol": 1e-3, "atol": 1e-5}
    torch.testing.assert_close(outcome.update.cpu().double(), exact, **close)


@every_rule
def test_the_same_trial_gives_the_same_bits_and_leaves_its_inputs_alone(name):
    one = case(name)
    learner, _ = taught(one, 3)
    trial = drawn(one, 3)
    before = [part.clone() for part in tensors((learner, trial))]
    (first, outcome), (second, again) = (learn(one.rule, learner, *trial) for _ in range(2))
    assert torch.equal(outcome.update, again.update)
    assert all(map(torch.equal, tensors(first), tensors(second)))
    assert all(map(torch.equal, tensors((learner, trial)), before))
    assert not torch.equal(first.network.weights, learner.network.weights)


@every_rule
def test_clamped_units_learn_nothing_and_others_something(name):
    _, outcome = taught(case(name), 4)
    assert (outcome.update[:, CLAMPED] == 0).all()
    assert (outcome.update[:, 0] != 0).any()


@pytest.mark.parametrize("name", [name for name in RULES if name not in TAUGHT])
def test_nothing_is_learned_without_what_a_rule_learns_from(name):
    """A reward that is its baseline, as in the first trial; an output that is its target."""
    one = case(name)
    trial, *noise = drawn(one, 0)
    if rules.about(name).information in ("error", "gradient"):
        output = simulate(one.learner.network, trial.inputs, *noise[:2]).output
        trial = trial._replace(target=output)
    learner, outcome = learn(one.rule, one.learner, trial, *noise)
    assert (outcome.update == 0).all()
    assert torch.equal(learner.network.output_weights, one.learner.network.output_weights)


@every_rule
def test_networks_do_not_know_of_each_other(name):
    one = case(name)
    learner, trial = taught(one, 3)[0], drawn(one, 3)
    whole, outcome = learn(one.rule, learner, *trial)
    for part in (slice(0, 1), slice(1, 3)):
        alone, of_part = learn(one.rule, select(learner, part), *select(trial, part))
        # products of another number of networks may round differently
        close = {"rtol": 1e-9, "atol": 1e-14}
        torch.testing.assert_close(of_part.update, outcome.update[part], **close)
        for found, exact in zip(tensors(alone.memory), tensors(select(whole.memory, part)), strict=True):
            torch.testing.assert_close(found, exact, **close)


@every_rule
def test_learning_goes_on_from_a_file_as_if_it_had_not_stopped(name, tmp_path):
    one = case(name)
    learner, trial = taught(one, 3)[0], drawn(one, 3)
    kept, file = flatten(learner), tmp_path / "learner.safetensors"
    arrays.save(file, kept.arrays)
    again = restore(one.learner, Flat(arrays.load(file), kept.values))
    (whole, outcome), (resumed, of_resumed) = (learn(one.rule, each, *trial) for each in (learner, again))
    assert torch.equal(outcome.update, of_resumed.update)
    assert all(map(torch.equal, tensors(whole), tensors(resumed)))


@every_rule
def test_every_rule_learns_an_easy_task(name):
    """From silence, so that nothing but what the rule learns from can tell the sign of the answer."""
    one = case(name, gain=0.0)
    before = evaluate(one.learner.network, one.environment.task)
    after = evaluate(taught(one, TRIALS)[0].network, one.environment.task)
    assert (before.correct == 0).all()
    assert (after.correct == 1).all()
    assert (after.error < before.error / 2).all()
