"""The adapter of NeuroGym, on environments that are really there."""

import sys

import numpy as np
import pytest
import torch

from threefactor import seeding
from threefactor.contract import Rule
from threefactor.learning_rules import bptt
from threefactor.network import initial
from threefactor.network.perturbation import Sparse
from threefactor.tasks import neurogym as adapter
from threefactor.tasks.neurogym_pool import POOL, SEED
from threefactor.tasks.reward import correct
from threefactor.training.environment import Environment
from threefactor.training.learning_run import Criterion, train

STEP = 20.0


@pytest.fixture(scope="module")
def neurogym():
    return pytest.importorskip("neurogym", reason="optional: pip install -e '.[neurogym]'")


def make(environment, *conditions, delay=None):
    return adapter.make(
        1000, STEP, 0.9, "graded", delay=delay, environment=environment, conditions=conditions
    )


def test_without_neurogym_one_line_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "neurogym", None)  # importing it fails
    with pytest.raises(ImportError, match="task = 'neurogym': must have NeuroGym"):
        make("AnEnvironmentThatNoOtherTestMakes-v0")


def test_trials_are_those_of_the_environment(neurogym):
    task = make("PerceptualDecisionMaking-v0")
    made = neurogym.make("PerceptualDecisionMaking-v0", dt=STEP).unwrapped
    made.seed(SEED)
    sampled = []
    for _ in range(POOL):
        made.new_trial()
        sampled.append((int(made.gt[-1]), made.ob.copy()))
    assert task.trial_types == ("answer1", "answer2")
    assert task.periods["decision"] == (made.start_ind["decision"] * STEP, made.end_ind["decision"] * STEP)
    for y, answer in enumerate((1, 2)):
        of_answer = [ob for right, ob in sampled if right == answer]
        assert task.number[y] == len(of_answer)
        wanted = np.stack(of_answer)
        first = int(task.first[y])
        assert np.allclose(task.observations[first : first + len(of_answer)].numpy(), wanted)
        calm = task.draw(torch.tensor([y]), generator=None).inputs[0]
        assert np.allclose(calm.numpy(), wanted.mean(0), atol=1e-5)
        drawn = task.draw(torch.full((50,), y), generator=seeding.generator(1))
        assert all(any(np.allclose(one, other) for other in wanted) for one in drawn.inputs.numpy())
        assert len({one.sum().item() for one in drawn.inputs}) > 10
        assert (drawn.target[:, -1].argmax(1) == y).all()
        torch.testing.assert_close(drawn.window.sum(1), torch.ones(50))


def test_conditions_divide_types_and_a_delay_is_passed_on(neurogym):
    task = make("ContextDecisionMaking-v0", "other_choice", delay=400)
    assert task.trial_types == tuple(f"other_choice{c}_answer{a}" for c in (1, 2) for a in (1, 2))
    assert task.factors == {"other_choice": (0, 0, 1, 1), "answer": (0, 1, 0, 1)}
    assert task.chance == 0.5
    onset, end = task.periods["delay"]
    assert end - onset == 400


@pytest.mark.parametrize(
    ("environment", "conditions", "words"),
    [
        (
            "PerceptualDecisionMaking-v0",
            ["colour"],
            "conditions = 'colour': must be among ground_truth, coh",
        ),
        ("ReachingDelayResponse-v0", [], "must have"),
    ],
)
def test_what_does_not_fit_is_refused(neurogym, environment, conditions, words):
    with pytest.raises(ValueError, match=words):
        make(environment, *conditions)


def test_bptt_learns_an_environment_and_chance_is_chance(neurogym):
    task = make("DelayMatchSample-v0", delay=200)
    net = initial.draw(
        units=40, inputs=task.inputs, outputs=task.outputs, gain=1.3, input_scale=1.0, clamped={1: 1.0},
        readout="unit", leak=STEP / 100, generators=[seeding.generator(1, "net", n) for n in range(2)],
    )  # fmt: skip
    trial_type = torch.arange(2).repeat(500)
    trial = task.draw(trial_type, generator=seeding.generator(2))
    guess = torch.randn(len(trial_type), 1, task.outputs, generator=seeding.generator(3)).expand_as(
        trial.target
    )
    assert correct(trial, guess).double().mean().item() == pytest.approx(task.chance, abs=4 * 0.5 / 1000**0.5)
    sampled = train(
        Rule("bptt", bptt.Bptt(0.003, 0.9, 0.999, 1e-8), bptt.init, bptt.update, 0.7, 0), net,
        Environment(task, 0.1, Sparse(0.2, 0.001)), Criterion(40, 0.9, 0.8, 800, correct=True),
        generator=lambda h: seeding.generator(5, "trial", h),
    )  # fmt: skip
    assert sampled.reached.all(), sampled.trials_to_criterion
