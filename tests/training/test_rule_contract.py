"""Every way in which a learning rule of a user was found to be wrong is refused in one line before the first trial."""

import json
import re

import pytest
import torch

from dnms_run import environment, networks, noise, theta33
from threefactor.declarations import ContractError
from threefactor.training.learning_run import Criterion, start_run, train
from threefactor.training.rule_contract import check, expect_rule

CRITERION = Criterion(window=6, fraction=0.5, error=0.9, horizon=12)


def rule(change=lambda update, network, memory: (update, memory), memory=()):
    """Return reward-gated Hebb, the update of which is changed on its way out."""

    def update(params, network, memory, trajectory, feedback):
        deviation = trajectory.rate - trajectory.rate.mean(1, keepdim=True)
        eligibility = (deviation[:, 1:] * ~network.clamped).mT @ deviation[:, :-1]
        gate = (feedback.reward - feedback.baseline)[:, None, None]
        return change((gate * eligibility).clamp(-3e-3, 3e-3), network, memory)

    return theta33()._replace(name="mine", init=lambda params, network: memory, update=update)


def in_place(update, network, memory):
    network.weights.add_(update)
    return torch.zeros_like(update), memory


def and_returned(update, network, memory):
    network.weights.add_(update)
    return update, memory


def missing(params, network, memory, trajectory):
    return None


CLAMPED = "update of clamped units = other than zero: must be zero"

WRONG = {
    "hebb_row": (
        lambda u, n, m: (u.mean(1, keepdim=True), m),
        "update = tensor of shape (4, 1, 12): must be b i j",
    ),
    "hebb_mean": (
        lambda u, n, m: (u.mean(0), m),
        "update = tensor of shape (12, 12): must be b i j = (4, 12, 12)",
    ),
    "hebb_clampedtoo": (lambda u, n, m: (u + 1, m), CLAMPED),
    "hebb_f64": (
        lambda u, n, m: (u.double(), m),
        "update = tensor of torch.float64: must be of torch.float32",
    ),
    "hebb_np": (lambda u, n, m: (u.numpy(), m), "update = ndarray: must be a tensor"),
    "hebb_nan": (lambda u, n, m: (u / 0 * 0, m), "update = finite in none of the networks: must be finite"),
    "hebb_noret": (
        lambda u, n, m: None,
        "update = NoneType: must return two things, the update and the memory",
    ),
    "hebb_onlyupdate": (lambda u, n, m: u, "update = Tensor: must return two things"),
    "hebb_inplace": (in_place, "network after the update = a tensor changed in place: must stay as it was"),
    "hebb_inplace2": (and_returned, "network after the update = a tensor changed in place"),
    "random": (
        lambda u, n, m: (u * torch.rand(()), m),
        "update = another with the same arguments: must be a pure",
    ),
    "set": (lambda u, n, m: (u, {1}), "memory after the update = set: must be made of tensors"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_rule_is_refused_before_the_first_trial(case):
    change, message = WRONG[case]
    with pytest.raises(ContractError, match=f"^learning rule 'mine': {re.escape(message)}"):
        start_run(rule(change), networks(4), environment(), CRITERION)


def test_an_update_without_an_argument_is_named_with_its_line():
    wrong = rule()._replace(update=missing)
    line = missing.__code__.co_firstlineno
    words = rf"^learning rule 'mine': update = TypeError: missing\(\) takes .* \(test_rule_contract.py, line {line}\)"
    with pytest.raises(ContractError, match=words):
        expect_rule(wrong, networks(4), environment())


def inside(params, network, memory, trajectory, feedback):
    """Err in a function of another file."""
    return json.loads(""), memory


def test_what_an_update_raises_is_named_with_the_line_of_its_own_file():
    line = inside.__code__.co_firstlineno + 2
    words = rf"update = JSONDecodeError: .* \(test_rule_contract.py, line {line}\): must run"
    with pytest.raises(ContractError, match=words):
        expect_rule(rule()._replace(update=inside), networks(4), environment())


def test_a_memory_changed_in_place_is_refused():
    def change(update, network, memory):
        memory[0].add_(1)
        return update, memory

    with pytest.raises(ContractError, match="memory after the update = a tensor changed in place"):
        expect_rule(rule(change, (torch.zeros(4),)), networks(4), environment())


def test_a_good_rule_passes_all_and_learns_as_if_it_had_not_been_looked_at():
    net = networks(4)
    weights = net.weights.clone()
    found = list(check(rule(), net, environment()))
    assert [one.fault for one in found] == [""] * 6
    assert torch.equal(net.weights, weights)
    first = train(rule(), net, environment(), CRITERION, generator=noise)
    assert torch.equal(first.weights, train(rule(), net, environment(), CRITERION, generator=noise).weights)
