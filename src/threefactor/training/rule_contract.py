"""Whether a learning rule keeps to its contract, looked at once before training in two trials of the task.

The networks stay as they were, and no noise of the experiment is drawn. Twenty 128-unit networks cost 0.03 s of CPU
under theta_33 and 0.06 s under BPTT (`time.process_time`, the second call).
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor

from threefactor import seeding
from threefactor.contract import Feedback, Learner, Network, Rule, Trajectory
from threefactor.declarations import ContractError
from threefactor.training import memory as memories
from threefactor.training.batch import change_tensors
from threefactor.training.checked import Checked, raised, tensor_fault
from threefactor.training.environment import Environment, experience
from threefactor.training.trial import draw_exploration, learn

CHANGED = "a tensor changed in place: must stay as it was, an update returns the change"


class Given(NamedTuple):
    """What an update is given."""

    params: Any
    network: Network
    memory: Any
    trajectory: Trajectory
    feedback: Feedback


class _FaultError(Exception):
    """What is wrong with an update: what was looked at, and what it is and must be."""


def expect_rule(rule: Rule, network: Network, environment: Environment) -> None:
    """Refuse a learning rule that does not keep to its contract; see `check`.

    Raises
    ------
    ContractError
        With the first fault, in one line.
    """
    for one in check(rule, network, environment):
        if one.fault:
            raise ContractError(f"learning rule {rule.name!r}: {one.what} = {one.fault}")


def check(rule: Rule, network: Network, environment: Environment) -> Iterator[Checked]:
    """Yield each thing that a learning rule must be, as `threefactor.contract.Rule` says; end where it is not.

    Two trials of one type are run, since the reward prediction error of the first is zero.

    Parameters
    ----------
    rule
        The learning rule.
    network
        b networks with their initial weights.
    environment
        Task and noise.
    """
    types = len(environment.task.trial_types)
    try:
        began = rule.init(rule.params, network)
    except Exception as problem:  # whatever a user's file raises
        yield Checked("init", raised(problem, rule.init))
        return
    for line in memories.faults(began, len(network.weights)):
        yield Checked(*line.split(" = ", 1) if " = " in line else line.split(": ", 1))
        return
    yield Checked("memory")
    baseline = torch.full((len(network.weights), types), torch.nan).to(network.weights)
    learner = Learner(network, began, baseline, rule.warm_up)
    for h in (0, types):
        learner, fault = _one_trial(rule, learner, environment, h)
        if fault is not None:
            yield fault
            return
    yield from map(
        Checked, ("update", "clamped rows", "finite values", "nothing changed in place", "pure function")
    )


def _one_trial(
    rule: Rule, learner: Learner, environment: Environment, h: int
) -> tuple[Learner, Checked | None]:
    """Run a trial in which every update is looked at; return the learner after it and the first fault."""
    source = seeding.generator(0, "contract", h)
    whole = experience(environment, learner.network, h, generator=source)
    noise = draw_exploration(rule, learner.network, whole.trial, generator=source)

    def update(*given: Any) -> Any:
        return _looked_at(rule, Given(*given), is_first=h == 0)

    before, kept = learner, _copy(learner)
    try:
        learner, outcome = learn(rule._replace(update=update), learner, *whole, noise)
        if not _alike(kept, before):
            raise _FaultError("network or memory", CHANGED)
        _expect_update(outcome.update, learner.network, is_first=h == 0)
    except _FaultError as fault:
        return learner, Checked(*fault.args)
    except Exception as problem:  # whatever a user's file raises
        return learner, Checked("update", raised(problem, rule.update))
    return learner, None


def _looked_at(rule: Rule, given: Given, *, is_first: bool) -> tuple[Tensor, Any]:
    """Return an update and the memory after it, both of which are as they must be."""
    kept = _copy(given)
    made = rule.update(*given)
    for name, before, after in zip(Given._fields, kept, given, strict=True):
        if not _alike(before, after):
            raise _FaultError(f"{name} after the update", CHANGED)
    if not isinstance(made, tuple) or len(made) != 2:
        raise _FaultError(
            "update", f"{type(made).__name__}: must return two things, the update and the memory"
        )
    _expect_update(made[0], given.network, is_first=is_first)
    for line in memories.faults(made[1], len(given.network.weights), "memory after the update"):
        raise _FaultError(*line.split(" = ", 1) if " = " in line else line.split(": ", 1))
    if not _alike(_copy(made), rule.update(*given)):
        raise _FaultError("update", "another with the same arguments: must be a pure function of them")
    return made


def _expect_update(update: Any, network: Network, *, is_first: bool) -> None:
    """Refuse an update of another form, one that moves clamped units, and a first one that is finite in no network.

    Later ones may overflow: learning stops such networks, and counts them.
    """
    weights = network.weights
    if fault := tensor_fault(update, "b i j", tuple(weights.shape), weights.dtype):
        raise _FaultError("update", fault)
    if is_first and not update.isfinite().flatten(1).all(1).any():
        raise _FaultError("update", "finite in none of the networks: must be finite")
    if _moves(update[:, network.clamped].nan_to_num(0), weights[:, network.clamped]):
        raise _FaultError("update of clamped units", "other than zero: must be zero")


def _moves(update: Tensor, weights: Tensor) -> bool:
    """Tell whether an update of weights onto clamped units does more than let them decay, which moves no unit."""
    decay = (update * weights).sum() / weights.square().sum().clamp_min(torch.finfo(weights.dtype).tiny)
    return (
        bool((update - decay * weights).abs().max() > 1e-5 * update.abs().max()) if update.numel() else False
    )


def _copy(bundle: Any) -> Any:
    return change_tensors(bundle, torch.clone)


def _alike(one: Any, other: Any) -> bool:
    """Tell whether two bundles hold the same tensors, NaN being NaN; sums of a GPU may differ in their last digits."""
    found, wanted = (_tensors(bundle) for bundle in (one, other))
    return len(found) == len(wanted) and all(
        a.shape == b.shape and torch.allclose(a, b, rtol=1e-4, atol=1e-6, equal_nan=True)
        for a, b in zip(found, wanted, strict=True)
    )


def _tensors(bundle: Any) -> list[Tensor]:
    """List all tensors of a bundle."""
    found: list[Tensor] = []

    def seen(part: Tensor) -> Tensor:
        found.append(part)
        return part

    change_tensors(bundle, seen)
    return found
