"""A memory of any form is that of the networks that still learn, and comes back from a checkpoint; others are refused."""

import re
from dataclasses import dataclass

import pytest
import torch

from dnms_run import environment, networks, noise, theta33
from threefactor.declarations import ContractError
from threefactor.pipeline.storage.checkpoint import Checkpoint
from threefactor.pipeline.storage.trees import flatten, restore
from threefactor.training.learning_run import Criterion, advance, finished, start_run, train
from threefactor.training.trial import start_learning

CRITERION = Criterion(window=6, fraction=0.5, error=0.9, horizon=40)

FORMS = {
    "tuple": (lambda e, n: (e, n), lambda memory: memory),
    "dict": (lambda e, n: {"e": e, "n": n}, lambda memory: (memory["e"], memory["n"])),
    "nested": (lambda e, n: {"parts": [n, {"e": (e,)}]}, lambda m: (m["parts"][1]["e"][0], m["parts"][0])),
}
"""How a memory of a tensor and a number is put together, and taken apart."""


def remembering(form):
    """Return a rule whose eligibility, and the number of its trials, live on across trials."""
    together, apart = FORMS[form]

    def update(params, network, memory, trajectory, feedback):
        e, count = apart(memory)
        deviation = trajectory.rate - trajectory.rate.mean(1, keepdim=True)
        e = 0.9 * e + deviation[:, 1:].mT @ deviation[:, :-1] * (~network.clamped)[:, None]
        gate = (feedback.reward - feedback.baseline)[:, None, None] / (1 + count)
        return (0.1 * gate * e).clamp(-3e-3, 3e-3), together(e, count + 1)

    def init(params, network):
        return together(torch.zeros_like(network.weights), 0)

    return theta33()._replace(name="remembering", init=init, update=update)


@pytest.mark.parametrize("form", ["dict", "nested"])
def test_a_rule_learns_alike_whatever_its_memory_is_made_of_and_however_often_it_is_killed(tmp_path, form):
    net, saved = networks(5), Checkpoint(tmp_path / "c.checkpoint", "one")
    whole = train(remembering("tuple"), net, environment(), CRITERION, generator=noise)
    assert whole.trials_to_criterion.max() > whole.trials_to_criterion.min(), "some must stop before others"
    rule = remembering(form)
    run = fresh = start_run(rule, net, environment(), CRITERION)
    while not finished(run, CRITERION):
        run = advance(run, rule, net, environment(), CRITERION, 7, generator=noise)
        saved.save(flatten(run))
        run = restore(fresh, saved.load(torch.device("cpu")))
    assert torch.equal(run.weights, whole.weights)


@dataclass
class Trace:
    e: torch.Tensor


REFUSED = {
    "a class": (lambda e: {"x": Trace(e)}, "memory.x = Trace: must be made of tensors"),
    "an array": (lambda e: [e.numpy()], "memory.0 = ndarray: must be made of"),
    "a set": (lambda e: ({1},), "memory.0 = set: must be made of"),
    "a key": (lambda e: {(3, 3): e}, "memory: key (3, 3): must be a text, a number or None"),
    "no axis of networks": (
        lambda e: {"n": torch.tensor(0)},
        "memory.n = tensor of shape (): must have 5 networks",
    ),
    "another axis first": (
        lambda e: (e.movedim(0, 2),),
        "memory.0 = tensor of shape (12, 12, 5): must have 5",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_would_be_lost_is_refused_before_the_first_trial(case):
    make, message = REFUSED[case]
    rule = theta33()._replace(name="mine", init=lambda params, network: make(network.weights))
    with pytest.raises(ContractError, match=f"^learning rule 'mine': {re.escape(message)}"):
        start_learning(rule, networks(5), 4)
